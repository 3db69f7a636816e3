// SPDX-License-Identifier: ISC
// Seeded bug: a call into data.
#include <dive.h>

static uint8_t code[16] = { 0xc3 }; /* ret */

int dive_main(const struct dive_boot *boot)
{
	void (*run)(void) = (void (*)(void))(uint64_t)code;

	(void)boot;
	__asm__("" : "+r"(run)); /* not a constant */
	run();
	return 0;
}
