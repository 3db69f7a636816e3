// SPDX-License-Identifier: ISC
// Seeded bug: an IDT of no size, and then an exception.
#include <dive.h>

struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};

int dive_main(const struct dive_boot *boot)
{
	struct table none = { 0, 0 };

	(void)boot;
	__asm__ volatile("lidt %0" : : "m"(none));
	__asm__ volatile("ud2");
	return 0;
}
