// SPDX-License-Identifier: ISC
// Hostile: turns write protection off and writes into the device tree.
// Returns 0 when the memory has not changed.
#include <dive.h>

static bool resists(uint64_t address)
{
	volatile uint32_t *word = (volatile uint32_t *)address;
	uint32_t before = *word;

	*word = ~before;
	return *word == before;
}

int dive_main(const struct dive_boot *boot)
{
	uint64_t cr0;

	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" ::"r"(cr0 & ~0x10000ull));
	if (!resists((uintptr_t)boot->fdt + 64))
		return 1;
	dive_printf("unchanged\n");
	return 0;
}
