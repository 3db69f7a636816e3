// SPDX-License-Identifier: Apache-2.0
// Mode hrt, top to bottom: two machines, confined once, each on its thread.
#include "hrt/split.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/huge.h"
#include "contract/dive/delegate.h"
#include "hrt/keep.h"
#include "vmm/confine.h"
#include "vmm/fullvm.h"

#define GIB ((uint64_t)1 << 30)

/**
 * struct split - two machines
 * @config: what was asked for
 * @lock: @hrt and @ros_over
 * @hrt: the kernel's, on the main thread; NULL between two boots
 * @ros_over: Linux has ended: so shall the kernel
 * @hrt_config: configuration of the kernel's next boot
 * @ros_config: and of Linux
 * @ros: Linux's, on @thread
 * @thread: see @ros
 * @ros_rc: why Linux did not begin, 0 = it did; @thread has ended
 * @ros_e: the same in words
 * @ros_report: how it ended
 * @signals: mask of the caller
 * @program: opened when the configurations have it
 * @keep: brings others; NULL = nobody does
 * @begin_ns: CLOCK_MONOTONIC when the kernel's first boot began
 * @reboots: how often the kernel was booted again
 */
struct split {
	const struct split_config *config;
	pthread_mutex_t lock;
	struct fullvm *hrt;
	bool ros_over;
	struct run_config hrt_config;
	struct run_config ros_config;
	struct fullvm *ros;
	pthread_t thread;
	int ros_rc;
	struct err ros_e;
	struct exit_report ros_report;
	sigset_t signals;
	struct program program;
	struct keep *keep;
	uint64_t begin_ns;
	struct split_reboots reboots;
};

/* A missing or bad file of Linux's is no missing or bad kernel. */
static int blame_ros(struct err *e)
{
	if (e)
		e->code = -EINVAL;
	(void)!err_wrap(e, "--ros");
	return -EINVAL;
}

/* The kernel rang, on its thread, its lock held. Linux outlives it. */
static void ring_ros(void *ctx)
{
	struct split *s = ctx;

	fullvm_ring(s->ros);
}

/* The end of memory, in the worst case: what lies below 4 GiB leaves a hole. */
static uint64_t end_of(const struct run_config *c)
{
	return c->mem_base + c->mem_size + GIB;
}

/*
 * Above the memory of both, and at an address that is good for pages of any
 * size.
 */
static int make_window(struct split *s, struct err *e)
{
	struct run_window *w = &s->hrt_config.window;
	uint64_t end = end_of(&s->hrt_config), ros_end = end_of(&s->ros_config);

	if (end < ros_end)
		end = ros_end;
	if (end < 4 * GIB)
		end = 4 * GIB;
	w->gpa = (end + GIB - 1) & ~(GIB - 1);
	w->size = s->config->window;
	w->fd = huge_file("dive-window", w->size);
	w->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->ring = ring_ros;
	w->ctx = s;
	if (w->fd < 0)
		return err_set(e, w->fd, "--window: no shared memory: %s",
			       strerror(-w->fd));
	if (w->bell_fd < 0)
		return err_set(e, -errno, "--window: no bell: %s",
			       strerror(errno));
	s->ros_config.window = *w;
	return 0;
}

static void tell_ros(void *ctx)
{
	struct split *s = ctx;

	fullvm_tell(s->ros);
}

/* Programs are linked at low addresses: the kernel has others. */
static int make_program(struct split *s, struct err *e)
{
	struct run_config *hrt = &s->hrt_config, *ros = &s->ros_config;
	bool can;
	int rc = program_is_for(hrt, &can, e);

	if (rc || !can)
		return rc;
	if (!hrt->mem_base)
		hrt->mem_base = 4 * GIB;
	if (!s->config->words && !s->config->keep)
		return 0;
	rc = program_open(&s->program, s->config->words, e);
	if (!rc && s->config->native)
		program_set_native(&s->program);
	s->program.wake = tell_ros;
	s->program.ctx = s;
	program_bind(&s->program, hrt, ros);
	if (!rc && s->config->keep)
		rc = keep_open(&s->keep, s->config->keep, &s->program, e);
	return rc;
}

static int prepare(struct split *s, struct exit_report *report, struct err *e)
{
	const struct run_config *hrt = &s->hrt_config, *ros = &s->ros_config;
	int rc = s->config->programs ? make_program(s, e) : 0;

	if (!rc && s->config->window)
		rc = make_window(s, e);
	if (!rc)
		rc = fullvm_prepare(NULL, hrt, &s->hrt, report, e);
	if (rc)
		return rc;
	if (fullvm_prepare(NULL, ros, &s->ros, &s->ros_report, e))
		return blame_ros(e);
	if (s->config->ros_has_terminal || hrt->program)
		fullvm_seat(s->hrt, s->ros);
	if (!hrt->confine)
		return 0;
	return confine(hrt->mem_size + ros->mem_size + 2 * hrt->window.size,
		       hrt->cpus + ros->cpus, e);
}

static struct fullvm *take_hrt(struct split *s)
{
	struct fullvm *vm;

	pthread_mutex_lock(&s->lock);
	vm = s->hrt;
	s->hrt = NULL;
	pthread_mutex_unlock(&s->lock);
	return vm;
}

static void give_hrt(struct split *s, struct fullvm *vm)
{
	pthread_mutex_lock(&s->lock);
	s->hrt = vm;
	if (s->ros_over)
		fullvm_stop(vm, STOP_OTHER);
	pthread_mutex_unlock(&s->lock);
}

static void *run_ros(void *arg)
{
	struct split *s = arg;

	s->ros_rc = fullvm_enter(s->ros, &s->ros_e);
	if (s->ros_config.program)
		program_judge(&s->program, &s->ros_report);
	pthread_mutex_lock(&s->lock);
	s->ros_over = true;
	if (s->hrt)
		fullvm_stop(s->hrt, STOP_OTHER);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* Has the kernel ended in a way after which a computer starts anew? */
static bool wants_reboot(const struct split *s, const struct exit_report *r)
{
	switch (r->reason) {
	case STOP_RESET:
	case STOP_PANICKED:
	case STOP_EXCEPTION:
	case STOP_TRIPLE_FAULT:
	case STOP_HALTED:
	case STOP_BAD_CALL:
		return s->reboots.count < s->config->reboots;
	default:
		return false;
	}
}

/* Of --timeout what is left of it, and never 0, which is no limit. */
static uint64_t time_left(const struct split *s)
{
	uint64_t limit = s->config->hrt->timeout_ns;
	uint64_t gone = clock_now_ns() - s->begin_ns;

	return limit > gone ? limit - gone : limit != 0;
}

static void note_reboot(struct split_reboots *r, uint64_t took_ns)
{
	if (r->count++ == 0 || took_ns < r->min_ns)
		r->min_ns = took_ns;
	if (took_ns > r->max_ns)
		r->max_ns = took_ns;
	r->sum_ns += took_ns;
}

/*
 * A new machine for the same files: whatever the old one was left in, nothing
 * of it is left. Its memory goes first, there may not be enough for two.
 */
static int reboot(struct split *s, struct exit_report *report, struct err *e)
{
	uint64_t start_ns = report->phase_ns[PHASE_START];
	uint64_t stopped_ns = report->phase_ns[PHASE_STOPPED];
	struct fullvm *old = take_hrt(s), *vm;
	sigset_t all;
	int rc;

	fullvm_flush(old, &s->signals);
	if (s->hrt_config.notify)
		s->hrt_config.notify(s->hrt_config.notify_arg, NOTICE_REBOOT,
				     report);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	fullvm_shed(old);
	*report = (struct exit_report){ .phase_ns[PHASE_START] = start_ns };
	s->hrt_config.timeout_ns = time_left(s);
	rc = fullvm_prepare(old, &s->hrt_config, &vm, report, e);
	if (rc) {
		give_hrt(s, old); /* for split_free() */
		return err_wrap(e, "booting the kernel again");
	}
	fullvm_free(old, false);
	if (s->config->ros_has_terminal)
		fullvm_seat(vm, s->ros);
	note_reboot(&s->reboots, clock_now_ns() - stopped_ns);
	give_hrt(s, vm);
	return 0;
}

static int run_hrt(struct split *s, struct exit_report *report, struct err *e)
{
	int rc;

	s->begin_ns = clock_now_ns();
	rc = fullvm_enter(s->hrt, e);
	while (!rc && wants_reboot(s, report)) {
		rc = reboot(s, report, e);
		if (!rc)
			rc = fullvm_enter(s->hrt, e);
	}
	return rc;
}

static int run_both(struct split *s, struct exit_report *report, struct err *e)
{
	int rc = s->keep ? keep_start(s->keep, e) : 0;

	if (rc)
		return rc;
	rc = pthread_create(&s->thread, NULL, run_ros, s);
	if (rc)
		return err_set(e, -rc, "no thread for Linux: %s", strerror(rc));
	rc = run_hrt(s, report, e);
	fullvm_stop(s->ros, STOP_OTHER);
	pthread_join(s->thread, NULL);
	if (!rc && s->ros_rc) {
		*e = s->ros_e;
		rc = blame_ros(e);
	}
	return rc;
}

static void on_signal(int signal)
{
	(void)signal; /* a system call has returned, that is all */
}

/*
 * Signals are a matter of the process: blocked before there is a second
 * thread. The I/O threads of both machines take RUN_KICK, which each gives back
 * as it was: so it was always harmless.
 */
static int run_process(struct split *s, struct exit_report *report,
		       struct err *e)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct sigaction old_action;
	sigset_t all;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &s->signals);
	sigaction(RUN_KICK, &action, &old_action);
	rc = run_both(s, report, e);
	if (rc == 0) {
		fullvm_flush(s->ros, &s->signals);
		fullvm_flush(s->hrt, &s->signals);
	}
	/* One that came late is taken here. */
	pthread_sigmask(SIG_SETMASK, &s->signals, NULL);
	sigaction(RUN_KICK, &old_action, NULL);
	return rc;
}

int split_run(const struct split_config *c, struct split **ret,
	      struct exit_report *report, struct err *e)
{
	struct split *s = calloc(1, sizeof(*s));
	int rc;

	*ret = NULL;
	if (!s)
		return err_set(e, -ENOMEM, "no memory for two machines");
	s->config = c;
	s->hrt_config = *c->hrt;
	s->ros_config = *c->ros;
	s->hrt_config.window = (struct run_window){ .fd = -1, .bell_fd = -1 };
	pthread_mutex_init(&s->lock, NULL);
	s->ros_report.phase_ns[PHASE_START] = report->phase_ns[PHASE_START];
	rc = prepare(s, report, e);
	if (!rc)
		rc = run_process(s, report, e);
	if (rc)
		split_free(s, false);
	else
		*ret = s;
	return rc;
}

struct fullvm **split_hrt(struct split *s)
{
	return &s->hrt;
}

const struct exit_report *split_ros_report(const struct split *s)
{
	return &s->ros_report;
}

const struct program *split_program(const struct split *s)
{
	return s->ros_config.program ? &s->program : NULL;
}

const struct split_reboots *split_reboots(const struct split *s)
{
	return &s->reboots;
}

uint64_t split_area(const struct split *s)
{
	const struct run_window *w = &s->hrt_config.window;

	return w->size ? w->gpa + DIVE_DELEGATE_AREA : 0;
}

void split_free(struct split *s, bool last)
{
	if (!s)
		return;
	fullvm_free(s->hrt, last);
	fullvm_free(s->ros, last);
	if (s->hrt_config.window.fd >= 0)
		close(s->hrt_config.window.fd);
	if (s->hrt_config.window.bell_fd >= 0)
		close(s->hrt_config.window.bell_fd);
	keep_close(s->keep);
	program_close(&s->program);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
