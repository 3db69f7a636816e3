// SPDX-License-Identifier: Apache-2.0
// partner PROGRAM [ARGUMENT]...: runs a program of Linux on the other kernel.
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

#include "hrt/partner/bell.h"
#include "hrt/partner/program.h"
#include "hrt/partner/window.h"

#define STATUS_FAILED  125
#define STATUS_REFUSED 126
#define STATUS_NONE    127

extern char **environ;

static void ring(void)
{
	outb(0, DIVE_DELEGATE_PORT);
}

/* The devices, open already, and the port too: who may not open them. */
static bool inherits(struct partner *p, int *window, const char *word)
{
	static const char option[] = "--inherit=";
	int *const fds[] = { window, &p->bell, &p->config };
	size_t i = 0;

	if (strncmp(word, option, sizeof(option) - 1) != 0)
		return false;
	for (word += sizeof(option) - 1; i < 3; i++) {
		char *end;

		*fds[i] = (int)strtol(word, &end, 10);
		if (end == word || *end != (i < 2 ? ',' : '\0'))
			break;
		word = end + 1;
	}
	return i == 3;
}

static int open_devices(struct partner *p, int *window, struct err *err)
{
	*window = window_find(err);
	if (*window < 0)
		return *window;
	if (ioperm(DIVE_DELEGATE_PORT, 1, 1))
		return err_set(err, -errno, "port 0x%x: %s", DIVE_DELEGATE_PORT,
			       strerror(errno));
	return bell_find(p, err);
}

static int prepare(struct partner *p, char **words, struct err *err)
{
	struct program *program = calloc(1, sizeof(*program));
	int window = -1, error, size;

	if (!program)
		return err_set(err, -ENOMEM, "no memory");
	if (inherits(p, &window, words[0]))
		words++;
	error = words[0] ? program_find(program, words[0], err)
			 : err_set(err, -EINVAL, "no program");
	if (!error && window < 0)
		error = open_devices(p, &window, err);
	if (!error)
		error = window_map(p, window, err);
	if (window >= 0)
		close(window);
	if (!error) {
		size = program_write_job(program, p->area, words, environ, err);
		error = size < 0 ? size : 0;
		partner_delegate(p)->job_size = size < 0 ? 0 : (uint32_t)size;
	}
	free(program);
	return error;
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
