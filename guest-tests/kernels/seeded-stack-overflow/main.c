// SPDX-License-Identifier: ISC
// Seeded bug: a recursion that never ends.
#include <dive.h>

static int sum(volatile int *above, int left)
{
	volatile int here[32];

	here[0] = *above + 1;
	if (left == 0) /* it never is: the count goes up */
		return here[0];
	return sum(here, left + 1) + here[0];
}

int dive_main(const struct dive_boot *boot)
{
	volatile int zero = 0;

	(void)boot;
	return sum(&zero, 1);
}
