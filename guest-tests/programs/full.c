// SPDX-License-Identifier: ISC
// Takes memory until there is none, and says how that looks; then goes on. With
// a word it touches more than there is, which ends it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void touch(void)
{
	size_t size = 1ul << 32;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return;
	for (size_t at = 0; at < size; at += 4096)
		memory[at] = 1;
}

int main(int argc, char **argv)
{
	size_t size = 1000000, count = 0;
	void **last = NULL, **next;

	(void)argv;
	if (argc > 1)
		touch();
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
