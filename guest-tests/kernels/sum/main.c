// SPDX-License-Identifier: ISC
// Checksum of standard input as "sum -s" of coreutils prints it.
#include <dive.h>

static uint64_t words[8192];

/* Sum of all bytes: even and odd ones in 16-bit lanes, folded in time. */
static uint64_t sum_words(const uint64_t *at, size_t count)
{
	const uint64_t even = 0x00ff00ff00ff00ff;
	uint64_t total = 0;

	while (count) {
		size_t block = count < 128 ? count : 128;
		uint64_t lanes = 0;

		for (count -= block; block--; at++)
			lanes += (*at & even) + (*at >> 8 & even);
		lanes = (lanes & 0xffff0000ffff) +
			(lanes >> 16 & 0xffff0000ffff);
		total += (uint32_t)lanes + (lanes >> 32);
	}
	return total;
}

int dive_main(const struct dive_boot *boot)
{
	uint64_t total = 0, size = 0, fold;
	long count;

	(void)boot;
	while ((count = dive_read(words, sizeof(words))) > 0) {
		size += (uint64_t)count;
		memset((uint8_t *)words + count, 0, (size_t)(-count & 7));
		total += sum_words(words, (size_t)(count + 7) / 8);
	}
	fold = (total & 0xffff) + ((total & 0xffffffff) >> 16);
	fold = (fold & 0xffff) + (fold >> 16);
	dive_printf("%lu %lu\n", fold, (size + 511) / 512);
	return 0;
}
