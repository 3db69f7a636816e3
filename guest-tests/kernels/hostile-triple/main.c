// SPDX-License-Identifier: ISC
// Hostile: takes its IDT away and faults, so the CPU shuts down.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} nothing = { 0, 0 };

	(void)boot;
	__asm__ volatile("lidt %0; ud2" ::"m"(nothing));
	return 0;
}
