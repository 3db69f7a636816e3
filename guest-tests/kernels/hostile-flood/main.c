// SPDX-License-Identifier: ISC
// Hostile: floods console and standard output for ever.
#include <dive.h>

static char noise[65536];

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	memset(noise, '!', sizeof(noise));
	for (;;) {
		dive_console_write(noise, sizeof(noise));
		dive_write(noise, sizeof(noise));
	}
}
