// SPDX-License-Identifier: Apache-2.0
// dive: runs one specialized kernel.
#include <stdio.h>

#include "base/clock.h"
#include "cli/once.h"
#include "cli/options.h"
#include "cli/repeat.h"
#include "cli/status.h"
#include "cli/text.h"

int main(int argc, char **argv)
{
	uint64_t start_ns = clock_now_ns();
	struct options options;
	struct err e = { 0 };
	int status = 0;

	/* Whole lines, so that programs of a pipeline do not mix theirs. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	if (options_parse(&options, argc, argv, &e) < 0) {
		text_error(&e);
		status = STATUS_FAILED;
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
