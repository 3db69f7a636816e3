// SPDX-License-Identifier: Apache-2.0
// The program of a split VM, from outside: started, signalled, ended.
#include "hrt/program.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "base/clock.h"

#define FRAME_SIZE  sizeof(struct job_frame)
#define NUMBER_SIZE sizeof(struct job_number)
#define SIGNAL_MAX  64

static struct program *of(struct run_program *p)
{
	return (struct program *)p; /* it is the first member */
}

struct job_size program_terminal(void)
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

	atomic_store(&p->sent, false);
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

/* Of the others nobody dies, so they are not raised again (signal(7)). */
static bool is_deadly(int signal)
{
	switch (signal) {
	case SIGCHLD:
	case SIGCONT:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGURG:
	case SIGWINCH:
		return false;
	default:
		return signal <= SIGNAL_MAX;
	}
}

static void on_ended(struct program *p)
{
	int status = p->in.number.number;

	p->ended_ns = clock_now_ns();
	if (WIFEXITED(status))
		end(p, STOP_EXIT, WEXITSTATUS(status), "%s", "");
	else if (WIFSIGNALED(status) && is_deadly(WTERMSIG(status)))
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
		return !p->ready_ns && size == 0;
	case JOB_STARTED:
		return p->state == PROGRAM_SENT && size == NUMBER_SIZE;
	case JOB_FAILED:
		return p->state >= PROGRAM_SENT && size >= NUMBER_SIZE &&
		       size <= NUMBER_SIZE + PROGRAM_TEXT_MAX;
	case JOB_ENDED:
		return p->state == PROGRAM_RUNS && size == NUMBER_SIZE;
	default:
		return false;
	}
}

void program_said(struct run_program *run, const uint8_t *bytes, size_t count)
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

size_t program_next(struct run_program *run, const uint8_t **ret)
{
	struct program *p = of(run);
	uint64_t signals = 0;

	/* What was begun, or nothing yet; without a program nobody would hear. */
	if (p->out_left || !p->ready_ns || run->over ||
	    p->state == PROGRAM_NONE) {
		*ret = p->out;
		return p->out_left;
	}
	if (p->state == PROGRAM_QUEUED) {
		p->out = p->start;
		p->out_left = p->start_size;
	} else if (atomic_exchange(&p->resized, false)) {
		p->frame.body.size = p->size(p);
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

void program_taken(struct run_program *run, size_t count)
{
	struct program *p = of(run);

	p->out += count;
	p->out_left -= count;
	/* Not earlier: nobody can answer, nor end, what he has not heard. */
	if (p->state == PROGRAM_QUEUED && !p->out_left) {
		p->state = PROGRAM_SENT;
		atomic_store(&p->sent, true);
	}
}

bool program_signal(struct run_program *run, int signal)
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

/* --- the end ------------------------------------------------------------- */

void program_judge(const struct program *p, struct exit_report *report)
{
	if (p->run.over || (p->state == PROGRAM_NONE && !p->keep) ||
	    (report->reason != STOP_EXIT && report->reason != STOP_POWEROFF &&
	     report->reason != STOP_RESET))
		return;
	report->reason = STOP_IO;
	report->status = ESHUTDOWN;
	snprintf(report->text, sizeof(report->text),
		 "the Linux beside the kernel ended, and %.40s with it; "
		 "--console both shows what it says",
		 *p->name ? p->name : "its programs");
}
