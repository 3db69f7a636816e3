// SPDX-License-Identifier: ISC
// Seeded bug: a jump to the upper half before it is mapped.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	uint64_t kernel_main = 0xffffffff80200000;

	(void)boot;
	__asm__("" : "+r"(kernel_main)); /* not a constant */
	((void (*)(void))kernel_main)();
	return 0;
}
