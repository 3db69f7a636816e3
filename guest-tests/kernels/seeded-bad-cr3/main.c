// SPDX-License-Identifier: ISC
// Seeded bug: page tables that map nothing.
#include <dive.h>

static uint64_t pml4[512] __attribute__((aligned(4096)));

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	__asm__ volatile("mov %0, %%cr3" : : "r"(pml4) : "memory");
	return 0;
}
