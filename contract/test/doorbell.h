/* SPDX-License-Identifier: ISC */
/* A doorbell between two threads of a test. */
#ifndef CONTRACT_TEST_DOORBELL_H
#define CONTRACT_TEST_DOORBELL_H

#include <semaphore.h>
#include <stdbool.h>

/* Until it rings; false: it does not within ten seconds, so it was lost. */
bool doorbell_wait(sem_t *doorbell);

#endif
