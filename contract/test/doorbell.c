// SPDX-License-Identifier: ISC
// A doorbell between two threads of a test.
#include "contract/test/doorbell.h"

#include <errno.h>
#include <time.h>

#define PATIENCE_S 10

bool doorbell_wait(sem_t *doorbell)
{
	struct timespec until;
	int rc;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	do {
		rc = sem_timedwait(doorbell, &until);
	} while (rc < 0 && errno == EINTR);
	return rc == 0;
}
