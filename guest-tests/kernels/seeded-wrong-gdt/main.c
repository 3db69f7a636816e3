// SPDX-License-Identifier: ISC
// Seeded bug: a GDT whose limit leaves the data segment out.
#include <dive.h>

struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};

static uint64_t gdt[3] = { 0, 0x00af9a000000ffff, 0x00cf92000000ffff };

int dive_main(const struct dive_boot *boot)
{
	struct table table = { sizeof(gdt[0]) * 2 - 1, (uint64_t)gdt };

	(void)boot;
	__asm__ volatile("lgdt %0" : : "m"(table));
	__asm__ volatile("mov %0, %%ss" : : "r"(16));
	return 0;
}
