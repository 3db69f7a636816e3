// SPDX-License-Identifier: ISC
// Ends as it is told: by a signal, by itself, in another thread.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *raise_it(void *arg)
{
	raise(*(int *)arg);
	_exit(98);
}

int main(int argc, char **argv)
{
	static const char out[] = "before\n";
	int signal = argc > 2 ? atoi(argv[2]) : 0;
	pthread_t thread;

	if (argc < 3 || write(1, out, sizeof(out) - 1) < 0)
		return 97;
	if (!strcmp(argv[1], "raise"))
		raise(signal);
	else if (!strcmp(argv[1], "thread"))
		pthread_create(&thread, NULL, raise_it, &signal);
	else if (!strcmp(argv[1], "write"))
		*(volatile int *)8 = 0;
	else if (!strcmp(argv[1], "abort"))
		abort();
	else if (!strcmp(argv[1], "main"))
		pthread_exit(NULL);
	else
		return signal;
	/* The thread's signal is the program's. */
	for (;;)
		pause();
}
