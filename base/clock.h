/* SPDX-License-Identifier: Apache-2.0 */
/* The one clock of a run. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S 1000000000ull

/**
 * clock_now_ns() - CLOCK_MONOTONIC
 *
 * Return: nanoseconds; never 0.
 */
static inline uint64_t clock_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

#endif
