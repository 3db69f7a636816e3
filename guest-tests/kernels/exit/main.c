// SPDX-License-Identifier: ISC
// Exits with the number that is its argument.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	int status = 0;

	for (const char *at = boot->args; *at >= '0' && *at <= '9'; at++)
		status = status * 10 + (*at - '0');
	dive_exit(status);
}
