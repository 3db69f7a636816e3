// SPDX-License-Identifier: ISC
// Hostile: never exits.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	dive_irq_off();
	for (;;)
		dive_pause();
}
