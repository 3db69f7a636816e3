// SPDX-License-Identifier: ISC
// Asks who it is, many times: calls that a kernel can serve or forward. Prints
// for each of them its name and how long all of them took, in microseconds.
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		long nr;
	} calls[] = {
		{ "getpid", SYS_getpid },
		{ "getuid", SYS_getuid },
		{ "uname", SYS_uname },
	};
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	struct utsname name;

	for (unsigned int i = 0; i < 3; i++) {
		double start = now_us();

		for (unsigned long n = 0; n < count; n++)
			syscall(calls[i].nr, &name);
		printf("%s %.0f\n", calls[i].name, now_us() - start);
	}
	return 0;
}
