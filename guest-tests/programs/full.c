// SPDX-License-Identifier: ISC
// Takes memory until there is none, and says how that looks; then goes on.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	size_t size = 1000000, count = 0;
	void **last = NULL, **next;

	while ((next = malloc(size))) {
		memset(next, 1, size);
		*next = last;
		last = next;
		count++;
	}
	printf("error %d, more than 16 MB: %d\n", errno, count > 16);
	while (last) {
		next = *last;
		free(last);
		last = next;
	}
	printf("again: %d\n", !!malloc(10 * size));
	return 0;
}
