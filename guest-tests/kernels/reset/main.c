// SPDX-License-Identifier: ISC
// On a PC: says that it is up, then pulls the reset line, as a reboot does.
#include <dive.h>

#define KEYBOARD   0x64
#define PULSE_LINE 0xfe

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	dive_printf("up\n");
	dive_outb(KEYBOARD, PULSE_LINE);
	dive_panic("there is no reset");
}
