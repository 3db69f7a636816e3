// SPDX-License-Identifier: ISC
// Hostile: a second CPU exits while the first is in the middle of a line.
#include <dive.h>

static void leave(void *arg)
{
	(void)arg;
	dive_exit(5);
}

int dive_main(const struct dive_boot *boot)
{
	if (boot->cpu_count < 2)
		dive_panic("needs --cpus 2");
	dive_cpu_start(1, leave, NULL);
	for (;;)
		dive_printf("x");
}
