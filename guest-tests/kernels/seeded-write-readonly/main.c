// SPDX-License-Identifier: ISC
// Seeded bug: a write to a constant.
#include <dive.h>

static const char greeting[] = "hello";

int dive_main(const struct dive_boot *boot)
{
	char *text = (char *)(uint64_t)greeting;

	(void)boot;
	__asm__("" : "+r"(text)); /* not a constant */
	text[0] = 'H';
	return 0;
}
