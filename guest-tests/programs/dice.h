/* SPDX-License-Identifier: ISC */
/* The same random numbers in each run, for whoever sends nonsense. */
#ifndef GUEST_TESTS_PROGRAMS_DICE_H
#define GUEST_TESTS_PROGRAMS_DICE_H

#include <stdint.h>

/**
 * dice() - the next one
 *
 * One thread only. Marsaglia's xorshift64: every value but 0 comes once.
 *
 * Return: any number but 0.
 */
static inline uint64_t dice(void)
{
	static uint64_t seed = 88172645463325252;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

#endif
