// SPDX-License-Identifier: ISC
// Copies standard input to standard output.
#include <dive.h>

static uint8_t buffer[65536];

int dive_main(const struct dive_boot *boot)
{
	long count;

	(void)boot;
	while ((count = dive_read(buffer, sizeof(buffer))) > 0)
		if (dive_write(buffer, (size_t)count) < 0)
			return 1;
	return 0;
}
