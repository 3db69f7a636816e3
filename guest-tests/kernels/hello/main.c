// SPDX-License-Identifier: ISC
// The smallest kernel: says hello and returns 0.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	dive_printf("hello\n");
	return 0;
}
