// SPDX-License-Identifier: Apache-2.0
// The standard streams of one program: a terminal, or pipes.
#include "hrt/ros/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define END_OF_FILE 4 /* ^D */

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void hang_up(struct streams *s)
{
	if (s->pump[0].out == s->terminal)
		pump_start(&s->pump[0], -1, -1);
	for (int i = 1; i < STREAMS; i++) {
		if (s->pump[i].in == s->terminal)
			s->pump[i].in = -1;
	}
	shut(&s->terminal);
}

/* The host's side of input has ended. */
static void input_ended(void *ctx)
{
	struct streams *s = ctx;
	const char end = END_OF_FILE;

	if (s->near[0] >= 0)
		shut(&s->near[0]);
	else if (s->terminal >= 0 && write(s->terminal, &end, 1) != 1)
		hang_up(s);
}

/* Nobody on the host reads it any more: SIGPIPE, or SIGHUP. */
static void output_broken(struct streams *s, int i)
{
	if (s->near[i] >= 0)
		shut(&s->near[i]);
	else
		hang_up(s);
}

static void out_broken(void *ctx)
{
	output_broken(ctx, 1);
}

static void err_broken(void *ctx)
{
	output_broken(ctx, 2);
}

static int open_terminal(struct streams *s, const struct job_size *size,
			 int *far, struct err *e)
{
	char name[64];

	s->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (s->terminal < 0 || grantpt(s->terminal) || unlockpt(s->terminal) ||
	    ptsname_r(s->terminal, name, sizeof(name)))
		return err_set(e, -errno, "making a terminal: %s",
			       strerror(errno));
	streams_resize(s, size);
	*far = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*far < 0)
		return err_set(e, -errno, "opening %s: %s", name,
			       strerror(errno));
	return 0;
}

static int open_pipe(struct streams *s, int i, struct err *e)
{
	int ends[2], flags;

	if (pipe2(ends, O_CLOEXEC))
		return err_set(e, -errno, "making a pipe: %s", strerror(errno));
	s->far[i] = ends[i ? 1 : 0];
	s->near[i] = ends[i ? 0 : 1];
	/* Only on this side: the program's pipes block. */
	flags = fcntl(s->near[i], F_GETFL);
	if (flags < 0 || fcntl(s->near[i], F_SETFL, flags | O_NONBLOCK))
		return err_set(e, -errno, "a pipe: %s", strerror(errno));
	return 0;
}

static int open_stream(struct streams *s, int i, bool is_terminal,
		       const struct job_size *size, struct err *e)
{
	if (!is_terminal)
		return open_pipe(s, i, e);
	if (s->terminal < 0)
		return open_terminal(s, size, &s->far[i], e);
	for (int k = 0; k < i; k++) {
		if (s->near[k] < 0) {
			s->far[i] = fcntl(s->far[k], F_DUPFD_CLOEXEC, 3);
			break;
		}
	}
	return s->far[i] >= 0
		       ? 0
		       : err_set(e, -errno, "a terminal: %s", strerror(errno));
}

/* Who reads and writes what. */
static void connect_pumps(struct streams *s)
{
	bool is_taken = false;

	pump_start(&s->pump[0], s->port[0],
		   s->near[0] >= 0 ? s->near[0] : s->terminal);
	for (int i = 1; i < STREAMS; i++) {
		int in = s->near[i];

		if (in < 0 && !is_taken) {
			in = s->terminal;
			is_taken = true;
		}
		pump_start(&s->pump[i], in, in < 0 ? -1 : s->port[i]);
	}
}

int streams_open(struct streams *s, const int port[STREAMS], uint32_t flags,
		 const struct job_size *size, struct err *e)
{
	int ret = 0;

	s->terminal = -1;
	for (int i = 0; i < STREAMS; i++) {
		s->port[i] = port[i];
		s->near[i] = -1;
		s->far[i] = -1;
		s->pump[i].ctx = s;
		s->pump[i].at_end = NULL;
		s->pump[i].broken = NULL;
		pump_start(&s->pump[i], -1, -1);
	}
	s->pump[0].at_end = input_ended;
	s->pump[1].broken = out_broken;
	s->pump[2].broken = err_broken;
	for (int i = 0; !ret && i < STREAMS; i++)
		ret = open_stream(s, i, flags & JOB_TERMINAL(i), size, e);
	if (!ret)
		connect_pumps(s);
	return ret;
}

void streams_started(struct streams *s)
{
	for (int i = 0; i < STREAMS; i++) {
		if (s->near[i] >= 0)
			shut(&s->far[i]);
	}
}

void streams_resize(struct streams *s, const struct job_size *size)
{
	const struct winsize to = { .ws_row = size->rows,
				    .ws_col = size->columns };

	if (s->terminal >= 0)
		(void)ioctl(s->terminal, TIOCSWINSZ, &to);
}

void streams_want(const struct streams *s, struct pollfd at[STREAMS_WAITS])
{
	for (int i = 0; i < STREAMS; i++)
		pump_want(&s->pump[i], at + (ptrdiff_t)2 * i);
}

void streams_run(struct streams *s, const struct pollfd at[STREAMS_WAITS])
{
	for (int i = 0; i < STREAMS; i++)
		pump_run(&s->pump[i], at + (ptrdiff_t)2 * i);
}

bool streams_drain(struct streams *s)
{
	bool is_done = true;

	pump_start(&s->pump[0], -1, -1);
	for (int i = 0; i < STREAMS; i++)
		shut(&s->far[i]);
	for (int i = 1; i < STREAMS; i++)
		is_done &= pump_drain(&s->pump[i]);
	return is_done;
}

void streams_close(struct streams *s)
{
	for (int i = 0; i < STREAMS; i++) {
		shut(&s->port[i]);
		shut(&s->near[i]);
		shut(&s->far[i]);
	}
	shut(&s->terminal);
}
