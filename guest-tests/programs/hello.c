// SPDX-License-Identifier: ISC
// What a program is given: its words, variables, vector and streams.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static void print_vector(void)
{
	const unsigned char *random = (void *)getauxval(AT_RANDOM);
	int bits = 0;

	for (int i = 0; random && i < 16; i++)
		bits |= random[i];
	printf("page %lu, ticks %lu, headers %lu of %lu\n",
	       getauxval(AT_PAGESZ), getauxval(AT_CLKTCK), getauxval(AT_PHNUM),
	       getauxval(AT_PHENT));
	printf("user %lu %lu, group %lu %lu, secure %lu\n", getauxval(AT_UID),
	       getauxval(AT_EUID), getauxval(AT_GID), getauxval(AT_EGID),
	       getauxval(AT_SECURE));
	printf("file %s, platform %s, random %d\n",
	       (char *)getauxval(AT_EXECFN), (char *)getauxval(AT_PLATFORM),
	       bits != 0);
}

int main(int argc, char **argv)
{
	char line[100];

	for (int i = 0; i < argc; i++)
		printf("word %d: %s\n", i, argv[i]);
	printf("PATH is %s\n", getenv("PATH"));
	print_vector();
	while (fgets(line, sizeof(line), stdin))
		printf("read %zu bytes\n", strlen(line));
	fprintf(stderr, "an error: %s\n", strerror(ENOTDIR));
	return argc == 3 ? 42 : 0;
}
