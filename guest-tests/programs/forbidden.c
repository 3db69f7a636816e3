// SPDX-License-Identifier: ISC
// What user mode may not do: in Linux each of these is SIGSEGV.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void wake(int signal)
{
	(void)signal;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "hlt")) {
		/* An interrupt comes in any case. */
		signal(SIGALRM, wake);
		alarm(2);
		__asm__ volatile("hlt");
	} else if (!strcmp(what, "msr")) {
		__asm__ volatile("rdmsr" ::"c"(0x12345) : "eax", "edx");
	} else if (!strcmp(what, "stop")) {
		__asm__ volatile("cli\n"
				 "hlt\n");
	}
	printf("behind\n");
	return 0;
}
