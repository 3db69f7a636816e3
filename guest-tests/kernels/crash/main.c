// SPDX-License-Identifier: ISC
// Crashes: a store through a NULL pointer, or a panic with the argument "panic".
#include <dive.h>

static int *nowhere(void)
{
	int *address = NULL;

	__asm__("" : "+r"(address)); /* the compiler must not know */
	return address;
}

int dive_main(const struct dive_boot *boot)
{
	if (boot->args[0] == 'p')
		dive_panic("asked to: %s", boot->args);
	*nowhere() = 42;
	return 0;
}
