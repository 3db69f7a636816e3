// SPDX-License-Identifier: ISC
// For make bench: marks 1 and 2 are around N doorbells or N bytes of output.
#include <dive.h>
#include <internal.h>

static uint64_t number(const char *text)
{
	uint64_t n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = n * 10 + (uint64_t)(*text - '0');
	return n;
}

int dive_main(const struct dive_boot *boot)
{
	static uint8_t buffer[65536];
	const char *args = boot->args;
	bool doorbell = args[0] == 'd';
	uint64_t left;

	while (*args && *args++ != ' ')
		;
	left = number(args);
	memset(buffer, 'x', sizeof(buffer));
	dive_mark(1);
	while (left) {
		uint64_t n = left < sizeof(buffer) ? left : sizeof(buffer);

		if (doorbell)
			dive_ring_host();
		else if (dive_write(buffer, n) < 0)
			return 1;
		left -= doorbell ? 1 : n;
	}
	dive_mark(2);
	return 0;
}
