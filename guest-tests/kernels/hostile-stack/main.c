// SPDX-License-Identifier: ISC
// Hostile: recursion without end, into the guard page below the stack.
#include <dive.h>

static uint64_t deeper(volatile uint64_t *last)
{
	volatile uint64_t frame[64];

	if (!*last)
		return 0;
	frame[0] = *last + 1;
	return deeper(frame) + frame[0];
}

int dive_main(const struct dive_boot *boot)
{
	volatile uint64_t zero = boot->cpu_count;

	return (int)deeper(&zero);
}
