// SPDX-License-Identifier: ISC
// Hostile: halts with interrupts off and never exits.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	dive_printf("good night\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}
