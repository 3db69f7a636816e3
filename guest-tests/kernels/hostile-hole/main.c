// SPDX-License-Identifier: ISC
// Hostile: maps physical addresses where nothing is, reads and writes there.
// Returns 0 when every read gives all ones.
#include <dive.h>

#define MAPPED 0x8000000000 /* virtual: the second entry of the PML4 */

static const uint64_t targets[] = {
	0xc0000000, 0xd0000000, 0xfec00000, 0xffe00000, 1ull << 38, 1ull << 39,
};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

static uint64_t tables[3][512] __attribute__((aligned(4096)));

static void map_targets(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	memcpy(tables[0], (const void *)(cr3 & ~0xfffull), 4096);
	tables[0][1] = (uintptr_t)tables[1] | 3;
	tables[1][0] = (uintptr_t)tables[2] | 3;
	for (size_t i = 0; i < TARGETS; i++)
		tables[2][i] = targets[i] | 0x83;
	__asm__ volatile("mov %0, %%cr3" ::"r"(tables[0]) : "memory");
}

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	map_targets();
	for (size_t i = 0; i < TARGETS; i++) {
		uint64_t at = MAPPED + i * 0x200000 + 0x1000;

		*(volatile uint8_t *)at = 1;
		*(volatile uint64_t *)(at + 8) = 2;
		if (*(volatile uint32_t *)at != UINT32_MAX)
			dive_panic("%lx reads %x", targets[i] + 0x1000,
				   *(volatile uint32_t *)at);
	}
	dive_printf("%lu holes\n", TARGETS);
	return 0;
}
