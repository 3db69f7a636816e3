// SPDX-License-Identifier: ISC
// Waits for a signal from elsewhere, in one of several ways.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t last;

static void on_signal(int signal)
{
	last = signal;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	char byte;

	if (strcmp(how, "die")) {
		struct sigaction action = { .sa_handler = on_signal };

		sigaction(SIGTERM, &action, NULL);
	}
	printf("ready\n");
	fflush(stdout);
	if (!strcmp(how, "read"))
		printf("read %zd\n", read(0, &byte, 1));
	else
		while (!last)
			if (!strcmp(how, "sleep"))
				sleep(10);
	printf("signal %d\n", last);
	return 4;
}
