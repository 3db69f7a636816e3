// SPDX-License-Identifier: Apache-2.0
// What --trace-file, --stats, --timing-svg and --report need before the kernel runs.
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/tally.h"

static int make(const char *path, const char *option, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
		      0666);

	/* Whatever it is: -ENOENT would say that the kernel is not there. */
	return fd >= 0 ? fd
		       : err_set(e, -EIO, "%s: %s: %s", option, path,
				 strerror(errno));
}

int files_open(struct options *o, struct err *e)
{
	int fd;

	o->run.trace_fd = STDERR_FILENO;
	if (o->trace_file) {
		fd = make(o->trace_file, "--trace-file", e);
		if (fd < 0)
			return fd;
		o->run.trace_fd = fd;
	}
	if (o->timing_svg) {
		fd = make(o->timing_svg, "--timing-svg", e);
		if (fd < 0)
			return fd;
		o->svg = fdopen(fd, "w");
		if (!o->svg)
			return err_set(e, -ENOMEM, "no memory for a picture");
	}
	if (o->stats) {
		o->run.tally = calloc(1, sizeof(*o->run.tally));
		if (!o->run.tally)
			return err_set(e, -ENOMEM, "no memory for --stats");
	}
	return profile_open(&o->profile, e);
}

int files_close(struct options *o, struct err *e)
{
	int rc = profile_close(&o->profile, e);

	if (o->svg && fclose(o->svg))
		rc = err_set(e, -EIO, "--timing-svg: %s: %s", o->timing_svg,
			     strerror(errno));
	o->svg = NULL;
	if (o->run.trace_fd > STDERR_FILENO)
		close(o->run.trace_fd);
	free(o->run.tally);
	o->run.tally = NULL;
	return rc;
}
