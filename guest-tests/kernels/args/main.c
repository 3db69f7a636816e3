// SPDX-License-Identifier: ISC
// Prints its arguments, one a line.
#include <dive.h>

int dive_main(const struct dive_boot *boot)
{
	const char *at = boot->args;
	int count = 0;

	while (*at) {
		int length = 0;

		while (at[length] && at[length] != ' ')
			length++;
		if (length)
			dive_printf("%d: %.*s\n", ++count, length, at);
		at += length + (at[length] == ' ');
	}
	return count;
}
