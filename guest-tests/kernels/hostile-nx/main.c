// SPDX-License-Identifier: ISC
// Hostile: jumps into its own data, which is not executable.
#include <dive.h>

static uint8_t code[] = { 0xc3 }; /* RET */

int dive_main(const struct dive_boot *boot)
{
	void (*jump)(void) = (void (*)(void))(uintptr_t)code;

	(void)boot;
	__asm__("" : "+r"(jump));
	jump();
	return 0;
}
