// SPDX-License-Identifier: Apache-2.0
// A program that is to be started: its words, environment and directory.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hrt/program.h"
#include "loader/protocol.h"

#define FRAME_SIZE sizeof(struct job_frame)

static const char *const ports[RUN_PORTS] = {
	[PORT_CONTROL] = JOB_PORT_CONTROL,
	[PORT_STDIN] = JOB_PORT_STDIN,
	[PORT_STDOUT] = JOB_PORT_STDOUT,
	[PORT_STDERR] = JOB_PORT_STDERR,
};

static size_t size_of(char *const *strings, uint32_t *ret_count)
{
	size_t size = 0;

	for (*ret_count = 0; *strings; strings++, ++*ret_count)
		size += strlen(*strings) + 1;
	return size;
}

static char *put_strings(char *to, char *const *strings)
{
	for (; *strings; strings++)
		to = stpcpy(to, *strings) + 1;
	return to;
}

static int put_start(struct program *p, char *const *words, char *cwd,
		     struct err *e)
{
	char *const dir[] = { cwd, NULL };
	struct job_start start = { .uid = geteuid(), .gid = getegid() };
	struct job_frame head = { .type = JOB_START };
	uint32_t one;
	size_t size = sizeof(start) + size_of(words, &start.argc) +
		      size_of(environ, &start.envc) + size_of(dir, &one);
	char *to;

	if (size > JOB_FRAME_MAX)
		return err_set(e, -E2BIG,
			       "the program's words and variables have more "
			       "than 1 MiB: unset some");
	head.size = (uint32_t)size;
	start.umask = umask(0);
	umask(start.umask);
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			start.flags |= JOB_TERMINAL(fd);
	start.size = program_terminal();
	p->start_size = sizeof(head) + size;
	p->start = malloc(p->start_size);
	if (!p->start)
		return err_set(e, -ENOMEM, "no memory for the program's words");
	to = mempcpy(p->start, &head, sizeof(head));
	to = put_strings(mempcpy(to, &start, sizeof(start)), words);
	put_strings(put_strings(to, environ), dir);
	return 0;
}

const char *program_cwd(const uint8_t *frame, size_t size)
{
	const char *at = (const char *)frame, *end = at + size, *last = NULL;
	struct job_start start;
	uint64_t strings = 0;

	if (size < FRAME_SIZE + sizeof(start))
		return NULL;
	memcpy(&start, at + FRAME_SIZE, sizeof(start));
	at += FRAME_SIZE + sizeof(start);
	for (; at < end && memchr(at, '\0', (size_t)(end - at)); strings++) {
		last = at;
		at += strlen(at) + 1;
	}
	if (!last || at != end || !start.argc ||
	    strings != start.argc + (uint64_t)start.envc + 1)
		return NULL;
	return *last == '/' ? last : NULL;
}

/* A kernel of the contract can have programs, if it is one that runs them. */
int program_is_for(const struct run_config *c, bool *ret, struct err *e)
{
	struct image img;
	const struct protocol *p;
	struct probe probe;
	int rc = image_open(&img, c->image, e);

	if (rc)
		return rc;
	p = protocol_choose(&img, c->boot, &probe, e);
	*ret = p && p->machine == MACHINE_LEAN;
	image_close(&img);
	return p ? 0 : e->code;
}

/* The only one: behind it there is nothing. */
static bool nothing_else(struct run_program *run)
{
	(void)run;
	return false;
}

static bool for_good(struct run_program *run)
{
	(void)run;
	return true;
}

static struct job_size terminal_of_program(struct program *p)
{
	(void)p;
	return program_terminal();
}

int program_open(struct program *p, char *const *words, struct err *e)
{
	char *cwd;
	int rc;

	*p = (struct program){
		.run = { .port = ports,
			 .fd = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO },
			 .said = program_said,
			 .next = program_next,
			 .taken = program_taken,
			 .signal = program_signal,
			 .begin = nothing_else,
			 .finish = for_good },
		.size = terminal_of_program,
		.name = words ? words[0] : "",
		.state = words ? PROGRAM_QUEUED : PROGRAM_NONE,
	};
	if (!words)
		return 0;
	cwd = getcwd(NULL, 0);
	rc = cwd ? put_start(p, words, cwd, e)
		 : err_set(e, -EINVAL, "the current directory has no name: %s",
			   strerror(errno));
	free(cwd);
	return rc;
}

void program_bind(struct program *p, struct run_config *hrt,
		  struct run_config *ros)
{
	hrt->program = ros->program = &p->run;
	hrt->hello_ns = 0; /* it has nothing to say */
	hrt->in_fd = -1;
	hrt->out_fd = hrt->console_fd;
	ros->in_fd = p->run.fd[0];
	ros->out_fd = p->run.fd[1];
}

void program_set_native(struct program *p)
{
	struct job_start start;
	uint8_t *at = p->start + FRAME_SIZE;

	if (!p->start)
		return;
	memcpy(&start, at, sizeof(start));
	start.flags |= JOB_NATIVE;
	memcpy(at, &start, sizeof(start));
}

void program_close(struct program *p)
{
	free(p->start);
	p->start = NULL;
}
