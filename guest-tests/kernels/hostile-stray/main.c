// SPDX-License-Identifier: ISC
// Hostile: stores far outside everything that is mapped.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	*(volatile uint32_t *)0x7f1234567000 = 1;
	return 0;
}
