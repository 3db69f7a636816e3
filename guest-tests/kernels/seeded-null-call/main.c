// SPDX-License-Identifier: ISC
// Seeded bug: a call through a function pointer that was never set.
#include <dive.h>

struct driver {
	const char *name;
	void (*probe)(void);
};

static struct driver driver = { "disk", 0 };

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	__asm__("" : "+m"(driver)); /* not a constant */
	driver.probe();
	return 0;
}
