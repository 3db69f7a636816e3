// SPDX-License-Identifier: Apache-2.0
// dive: runs one specialized kernel.
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/once.h"
#include "cli/options.h"
#include "cli/repeat.h"
#include "cli/status.h"
#include "cli/text.h"

/*
 * Descriptors 0 to 2 must not become the image or KVM. No input is an empty
 * one, output cannot be written, messages go nowhere: as in other programs.
 */
static void fill_stdio(void)
{
	static const int mode[] = { O_RDONLY, O_RDONLY, O_WRONLY };
	struct pollfd p[] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(p, 3, 0) <= 0)
		return;
	for (int i = 0; i < 3; i++)
		if (p[i].revents & POLLNVAL && open("/dev/null", mode[i]) != i)
			_exit(STATUS_FAILED);
}

int main(int argc, char **argv)
{
	uint64_t start_ns = clock_now_ns();
	struct options options;
	struct err e = { 0 };
	int status = 0;

	fill_stdio();
	/* Whole lines, so that programs of a pipeline do not mix theirs. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	if (options_parse(&options, argc, argv, &e) < 0) {
		text_error(&e);
		status = status_of_error(&e);
	} else if (options.help) {
		options_help(stdout);
	} else if (options.version) {
		puts("dive " DIVE_VERSION);
	} else if (options.repeat) {
		status = repeat_run(&options);
	} else {
		status = once_run(&options, start_ns);
	}
	options_free(&options);
	if (fflush(stdout) != 0 && status == 0)
		status = STATUS_FAILED;
	return status;
}
