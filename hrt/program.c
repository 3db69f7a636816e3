// SPDX-License-Identifier: Apache-2.0
// The program of a split VM, from outside: started, signalled, ended.
#include "hrt/program.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "loader/protocol.h"

#define FRAME_SIZE  sizeof(struct job_frame)
#define NUMBER_SIZE sizeof(struct job_number)
#define SIGNAL_MAX  64

static const char *const ports[RUN_PORTS] = {
	[PORT_CONTROL] = JOB_PORT_CONTROL,
	[PORT_STDIN] = JOB_PORT_STDIN,
	[PORT_STDOUT] = JOB_PORT_STDOUT,
	[PORT_STDERR] = JOB_PORT_STDERR,
};

static struct program *of(struct run_program *p)
{
	return (struct program *)p; /* it is the first member */
}

static struct job_size terminal_size(void)
{
	struct winsize w;

	/* syscall: ioctl[1=TIOCGWINSZ] */
	for (int fd = 0; fd <= 2; fd++)
		if (ioctl(fd, TIOCGWINSZ, &w) == 0)
			return (struct job_size){ w.ws_row, w.ws_col };
	return (struct job_size){ 0, 0 };
}

/* --- what Linux says ----------------------------------------------------- */

static __attribute__((format(printf, 4, 5))) void end(struct program *p,
						      enum stop_reason reason,
						      int status,
						      const char *format, ...)
{
	va_list args;

	p->run.over = true;
	p->run.reason = reason;
	p->run.status = (uint32_t)status;
	va_start(args, format);
	vsnprintf(p->run.text, sizeof(p->run.text), format, args);
	va_end(args);
}

static void refuse(struct program *p)
{
	end(p, STOP_IO, EPROTO,
	    "the Linux beside the kernel does not keep to the protocol "
	    "(message %u of %u bytes): was it made by this version of Diver?",
	    p->in.head.type, p->in.head.size);
}

static void on_failed(struct program *p)
{
	size_t size = p->in.head.size - NUMBER_SIZE;
	char *text = p->in.text;

	for (size_t i = 0; i < size; i++)
		if (!isprint((unsigned char)text[i]))
			text[i] = '?';
	end(p, STOP_NOT_STARTED, p->in.number.number, "%.40s: %.*s", p->name,
	    (int)size, text);
}

static void on_ended(struct program *p)
{
	int status = p->in.number.number;

	p->ended_ns = clock_now_ns();
	if (WIFEXITED(status))
		end(p, STOP_EXIT, WEXITSTATUS(status), "%s", "");
	else if (WIFSIGNALED(status) && WTERMSIG(status) <= SIGNAL_MAX)
		end(p, STOP_KILLED, WTERMSIG(status), "%s", "");
	else
		refuse(p);
}

/* A whole frame; its size fits its type. */
static void on_frame(struct program *p)
{
	switch (p->in.head.type) {
	case JOB_READY:
		p->ready_ns = clock_now_ns();
		p->state = PROGRAM_SENT;
		p->out = p->start;
		p->out_left = p->start_size;
		atomic_store(&p->sent, true);
		return;
	case JOB_STARTED:
		p->started_ns = clock_now_ns();
		p->state = PROGRAM_RUNS;
		return;
	case JOB_FAILED:
		on_failed(p);
		return;
	default:
		on_ended(p);
	}
}

/* Is this the time for such a frame, and is it as long as it must be? */
static bool is_expected(const struct program *p)
{
	uint32_t size = p->in.head.size;

	switch (p->in.head.type) {
	case JOB_READY:
		return p->state == PROGRAM_WAITING && size == 0;
	case JOB_STARTED:
		return p->state == PROGRAM_SENT && size == NUMBER_SIZE;
	case JOB_FAILED:
		return p->state != PROGRAM_WAITING && size >= NUMBER_SIZE &&
		       size <= NUMBER_SIZE + PROGRAM_TEXT_MAX;
	case JOB_ENDED:
		return p->state == PROGRAM_RUNS && size == NUMBER_SIZE;
	default:
		return false;
	}
}

static void said(struct run_program *run, const uint8_t *bytes, size_t count)
{
	struct program *p = of(run);

	while (count && !run->over) {
		bool is_head = p->in_have < FRAME_SIZE;
		size_t want = FRAME_SIZE + (is_head ? 0 : p->in.head.size);
		size_t n = want - p->in_have;

		if (n > count)
			n = count;
		memcpy((uint8_t *)&p->in + p->in_have, bytes, n);
		p->in_have += n;
		bytes += n;
		count -= n;
		if (p->in_have < want)
			return;
		if (is_head && !is_expected(p)) {
			refuse(p);
			return;
		}
		if (is_head && p->in.head.size)
			continue;
		p->in_have = 0;
		on_frame(p);
	}
}

/* --- what it is told ----------------------------------------------------- */

static size_t put_frame(struct program *p, enum job_type type, size_t size)
{
	p->frame.head = (struct job_frame){ type, (uint32_t)size };
	p->out = (const uint8_t *)&p->frame;
	p->out_left = FRAME_SIZE + size;
	return p->out_left;
}

static size_t next(struct run_program *run, const uint8_t **ret)
{
	struct program *p = of(run);
	uint64_t signals;

	if (p->out_left || p->state == PROGRAM_WAITING || run->over) {
		/* What was begun, or nothing yet. */
	} else if (atomic_exchange(&p->resized, false)) {
		p->frame.body.size = terminal_size();
		put_frame(p, JOB_SIZE, sizeof(p->frame.body.size));
	} else if ((signals = atomic_load(&p->signals)) != 0) {
		int bit = __builtin_ctzll(signals);

		atomic_fetch_and(&p->signals, ~(UINT64_C(1) << bit));
		p->frame.body.number.number = bit + 1;
		put_frame(p, JOB_SIGNAL, NUMBER_SIZE);
	}
	*ret = p->out;
	return p->out_left;
}

static void taken(struct run_program *run, size_t count)
{
	struct program *p = of(run);

	p->out += count;
	p->out_left -= count;
}

static bool on_signal(struct run_program *run, int signal)
{
	struct program *p = of(run);

	if (signal == SIGWINCH) {
		atomic_store(&p->resized, true);
	} else {
		if (!atomic_load(&p->sent))
			return false;
		atomic_fetch_or(&p->signals, UINT64_C(1) << (signal - 1));
	}
	p->wake(p->ctx);
	return true;
}

/* --- the start ----------------------------------------------------------- */

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
	struct job_start start = { .uid = getuid(), .gid = getgid() };
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
			start.terminals |= (uint32_t)JOB_TERMINAL_IN << fd;
	start.size = terminal_size();
	p->start_size = sizeof(head) + size;
	p->start = malloc(p->start_size);
	if (!p->start)
		return err_set(e, -ENOMEM, "no memory for the program's words");
	to = mempcpy(p->start, &head, sizeof(head));
	to = put_strings(mempcpy(to, &start, sizeof(start)), words);
	put_strings(put_strings(to, environ), dir);
	return 0;
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

int program_open(struct program *p, char *const *words, struct err *e)
{
	char *cwd = getcwd(NULL, 0);
	int rc;

	*p = (struct program){
		.run = { .port = ports,
			 .error_fd = STDERR_FILENO,
			 .said = said,
			 .next = next,
			 .taken = taken,
			 .signal = on_signal },
		.name = words[0],
	};
	rc = cwd ? put_start(p, words, cwd, e)
		 : err_set(e, -EINVAL, "the current directory has no name: %s",
			   strerror(errno));
	free(cwd);
	return rc;
}

void program_set_native(struct program *p)
{
	struct job_start start;
	uint8_t *at = p->start + FRAME_SIZE;

	memcpy(&start, at, sizeof(start));
	start.terminals |= JOB_NATIVE;
	memcpy(at, &start, sizeof(start));
}

void program_judge(const struct program *p, struct exit_report *report)
{
	if (p->run.over ||
	    (report->reason != STOP_EXIT && report->reason != STOP_POWEROFF &&
	     report->reason != STOP_RESET))
		return;
	report->reason = STOP_IO;
	report->status = ESHUTDOWN;
	snprintf(report->text, sizeof(report->text),
		 "the Linux beside the kernel ended, and %.40s with it; "
		 "--console both shows what it says",
		 p->name);
}

void program_close(struct program *p)
{
	free(p->start);
	p->start = NULL;
}
