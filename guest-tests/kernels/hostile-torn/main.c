// SPDX-License-Identifier: ISC
// Hostile: accesses where nothing is that cross a page, which KVM tears into
// pieces of 1 to 7 bytes. Returns 0 when every read gives all ones.
#include <dive.h>

#define MAPPED 0x8000000000 /* virtual: the second entry of the PML4 */
#define HOLE   0xd0000000   /* physical */

static uint64_t tables[3][512] __attribute__((aligned(4096)));

static void map_hole(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	memcpy(tables[0], (const void *)(cr3 & ~0xfffull), 4096);
	tables[0][1] = (uintptr_t)tables[1] | 3;
	tables[1][0] = (uintptr_t)tables[2] | 3;
	tables[2][0] = HOLE | 0x83;
	__asm__ volatile("mov %0, %%cr3" ::"r"(tables[0]) : "memory");
}

int dive_main(const struct dive_boot *boot)
{
	uint64_t edge = MAPPED + 0x2000;

	(void)boot;
	map_hole();
	for (uint64_t before = 1; before < 8; before++) {
		volatile uint64_t *at = (volatile uint64_t *)(edge - before);

		*at = before;
		if (*at != UINT64_MAX)
			dive_panic("%lu bytes before a page: %lx", before, *at);
	}
	dive_printf("torn\n");
	return 0;
}
