// SPDX-License-Identifier: ISC
// Copies standard input to standard output with ASCII letters in upper case.
#include <dive.h>

static uint64_t words[8192];

/* Eight letters at a time; kernel code may be emulated, so count every one. */
static uint64_t to_upper(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t low = word & ones * 0x7f;
	uint64_t from_a = low + ones * (0x80 - 'a');
	uint64_t beyond_z = low + ones * (0x80 - 'z' - 1);

	return word ^ (from_a & ~beyond_z & ~word & ones * 0x80) >> 2;
}

int dive_main(const struct dive_boot *boot)
{
	long count;

	(void)boot;
	while ((count = dive_read(words, sizeof(words))) > 0) {
		for (long i = 0; i < (count + 7) / 8; i++)
			words[i] = to_upper(words[i]);
		if (dive_write(words, (size_t)count) < 0)
			return 1;
	}
	return 0;
}
