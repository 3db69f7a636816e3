// SPDX-License-Identifier: ISC
// Hostile: stores through a NULL pointer with an offset.
#include <dive.h>

struct big {
	uint8_t space[0x120];
	uint32_t field;
};

int dive_main(const struct dive_boot *boot)
{
	struct big *nothing = NULL;

	(void)boot;
	__asm__("" : "+r"(nothing)); /* the compiler must not know */
	nothing->field = 1;
	return 0;
}
