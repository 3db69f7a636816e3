// SPDX-License-Identifier: ISC
// Seeded bug: an SSE instruction while CR4.OSFXSR is 0.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	uint64_t cr4;

	(void)boot;
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 &= ~(UINT64_C(1) << 9);
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
	__asm__ volatile("movaps %xmm1, %xmm0");
	return 0;
}
