// SPDX-License-Identifier: ISC
// Prints the memory map and writes to both ends of all free memory.
#include <dive.h>

static uint64_t print(const char *what, const struct dive_range *range,
		      uint32_t count)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < count; i++) {
		dive_printf("%-8s %016lx-%016lx %8lu KiB\n", what,
			    range[i].start, range[i].start + range[i].size - 1,
			    range[i].size >> 10);
		total += range[i].size;
	}
	return total;
}

static bool keeps(uint64_t address)
{
	volatile uint64_t *word = (volatile uint64_t *)address;

	*word = ~address;
	return *word == ~address;
}

int dive_main(const struct dive_boot *boot)
{
	uint64_t memory = print("memory", boot->memory, boot->memory_count);
	uint64_t free;

	print("reserved", boot->reserved, boot->reserved_count);
	free = print("free", boot->free, boot->free_count);
	for (uint32_t i = 0; i < boot->free_count; i++) {
		const struct dive_range *range = &boot->free[i];
		uint64_t last = (range->start + range->size - 8) & ~7ull;

		if (!keeps((range->start + 7) & ~7ull) || !keeps(last))
			dive_panic("range %u keeps no data", i);
	}
	dive_printf("%lu of %lu MiB are free\n", free >> 20, memory >> 20);
	return free == 0;
}
