/* SPDX-License-Identifier: Apache-2.0 */
/* What the threads of a run send each other. */
#ifndef BASE_KICK_H
#define BASE_KICK_H

#include <signal.h>

/* A signal by which nobody else means anything: all others may be a program's. */
#define RUN_KICK SIGURG

#endif
