// SPDX-License-Identifier: ISC
// Writes first, then echoes its input, and leaves with 7 when asked to stop.
#include <dive.h>

static char buffer[4096];

/* polite [bytes]: so many dots before the first byte of input is read. */
int dive_main(const struct dive_boot *boot)
{
	size_t left = 0;
	long count = 0;

	dive_handle_shutdown();
	for (const char *at = boot->args; *at >= '0' && *at <= '9'; at++)
		left = left * 10 + (size_t)(*at - '0');
	memset(buffer, '.', sizeof(buffer));
	while (left && count >= 0) {
		count = (long)(left < sizeof(buffer) ? left : sizeof(buffer));
		left -= (size_t)count;
		count = dive_write(buffer, (size_t)count);
	}
	while ((count = dive_read(buffer, sizeof(buffer))) > 0)
		if (dive_write(buffer, (size_t)count) < 0)
			break;
	return dive_shutdown() ? 7 : 0;
}
