// SPDX-License-Identifier: Apache-2.0
// partner PROGRAM [ARGUMENT]...: runs a program of Linux on the other kernel.
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

#include "hrt/partner/program.h"
#include "hrt/partner/window.h"

#define PORT 0x5d4 /* rings the kernel; a byte of any value */

#define STATUS_FAILED  125
#define STATUS_REFUSED 126
#define STATUS_NONE    127

extern char **environ;

static void ring(void)
{
	outb(0, PORT);
}

/* The devices, open already, and the port too: who may not open them. */
static bool inherits(const char *word, int fd[3])
{
	char end;

	return sscanf(word, "--inherit=%d,%d,%d%c", &fd[0], &fd[1], &fd[2],
		      &end) == 3;
}

static int open_devices(int fd[3], struct err *err)
{
	fd[0] = window_find(err);
	if (fd[0] < 0)
		return fd[0];
	if (ioperm(PORT, 1, 1))
		return err_set(err, -errno, "port 0x%x: %s", PORT,
			       strerror(errno));
	return 0;
}

static int prepare(struct partner *p, char **words, struct err *err)
{
	struct program *program = calloc(1, sizeof(*program));
	int fd[3] = { -1, -1, -1 };
	int size;

	if (!program)
		return err_set(err, -ENOMEM, "no memory");
	if (inherits(words[0], fd))
		words++;
	size = words[0] ? program_find(program, words[0], err)
			: err_set(err, -EINVAL, "no program");
	if (size >= 0 && fd[0] < 0)
		size = open_devices(fd, err);
	if (size >= 0)
		size = window_map(p, fd[0], err);
	if (size >= 0)
		size = program_write_job(program, p->area, words, environ, err);
	for (int i = 0; i < 3; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
	}
	free(program);
	if (size < 0)
		return size;
	partner_delegate(p)->job_size = (uint32_t)size;
	return 0;
}

static int fail(const struct err *err)
{
	fprintf(stderr, "partner: %s\n", err->msg);
	switch (err->code) {
	case -ENOENT:
		return STATUS_NONE;
	case -ENOEXEC:
		return STATUS_REFUSED;
	default:
		return STATUS_FAILED;
	}
}

int main(int argc, char **argv)
{
	static struct partner partner = { .begin = DIVE_PROGRAM_BASE,
					  .end = DIVE_PROGRAM_END,
					  .ring = ring };
	struct err err;
	int error;

	if (window_reserve(&partner, &err))
		return fail(&err);
	if (argc < 2) {
		fprintf(stderr, "usage: partner PROGRAM [ARGUMENT]...\n");
		return STATUS_FAILED;
	}
	if (prepare(&partner, argv + 1, &err))
		return fail(&err);
	error = partner_serve(&partner);
	fprintf(stderr, "partner: %s\n", strerror(-error));
	return STATUS_FAILED;
}
