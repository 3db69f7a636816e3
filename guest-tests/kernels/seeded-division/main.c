// SPDX-License-Identifier: ISC
// Seeded bug: a division by a count that is zero.
#include <dive.h>

static unsigned int mean(unsigned int sum, unsigned int count)
{
	__asm__("" : "+r"(count)); /* not a constant */
	return sum / count;
}

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	return (int)mean(1000, 0);
}
