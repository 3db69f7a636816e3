// SPDX-License-Identifier: ISC
// Seeded bug: a pointer whose upper bits were damaged.
#include <dive.h>

static uint64_t list[4];

int dive_main(const struct dive_boot *boot)
{
	uint64_t node = (uint64_t)list | UINT64_C(0xdead) << 48;

	(void)boot;
	__asm__("" : "+r"(node)); /* not a constant */
	return (int)((volatile uint64_t *)node)[1];
}
