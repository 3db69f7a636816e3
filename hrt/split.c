// SPDX-License-Identifier: Apache-2.0
// Mode hrt, top to bottom: two machines, confined once, each on its thread.
#include "hrt/split.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/confine.h"
#include "vmm/fullvm.h"

/**
 * struct split - two machines
 * @config: what was asked for
 * @hrt: the kernel's, on the main thread
 * @ros: Linux's, on @thread
 * @thread: see @ros
 * @ros_rc: why Linux did not begin, 0 = it did; @thread has ended
 * @ros_e: the same in words
 * @ros_report: how it ended
 */
struct split {
	const struct split_config *config;
	struct fullvm *hrt;
	struct fullvm *ros;
	pthread_t thread;
	int ros_rc;
	struct err ros_e;
	struct exit_report ros_report;
};

/* A missing or bad file of Linux's is no missing or bad kernel. */
static int blame_ros(struct err *e)
{
	if (e)
		e->code = -EINVAL;
	(void)!err_wrap(e, "--ros");
	return -EINVAL;
}

static int prepare(struct split *s, struct exit_report *report, struct err *e)
{
	const struct run_config *hrt = s->config->hrt, *ros = s->config->ros;
	int rc = fullvm_prepare(NULL, hrt, &s->hrt, report, e);

	if (rc)
		return rc;
	if (fullvm_prepare(NULL, ros, &s->ros, &s->ros_report, e))
		return blame_ros(e);
	if (s->config->ros_has_terminal)
		fullvm_seat(s->hrt, s->ros);
	if (!hrt->confine)
		return 0;
	return confine(hrt->mem_size + ros->mem_size, hrt->cpus + ros->cpus, e);
}

static void *run_ros(void *arg)
{
	struct split *s = arg;

	s->ros_rc = fullvm_enter(s->ros, &s->ros_e);
	fullvm_stop(s->hrt, STOP_OTHER);
	return NULL;
}

static int run_both(struct split *s, struct err *e)
{
	int rc = pthread_create(&s->thread, NULL, run_ros, s);

	if (rc)
		return err_set(e, -rc, "no thread for Linux: %s", strerror(rc));
	rc = fullvm_enter(s->hrt, e);
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
 * thread. The I/O threads of both machines take SIGUSR1, which each gives back
 * as it was: so it was always harmless.
 */
static int run_process(struct split *s, struct err *e)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct sigaction old_action;
	sigset_t all, signals;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &signals);
	sigaction(SIGUSR1, &action, &old_action);
	rc = run_both(s, e);
	if (rc == 0) {
		fullvm_flush(s->ros, &signals);
		fullvm_flush(s->hrt, &signals);
	}
	sigaction(SIGUSR1, &old_action, NULL);
	pthread_sigmask(SIG_SETMASK, &signals, NULL);
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
	s->ros_report.phase_ns[PHASE_START] = report->phase_ns[PHASE_START];
	rc = prepare(s, report, e);
	if (!rc)
		rc = run_process(s, e);
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

void split_free(struct split *s, bool last)
{
	if (!s)
		return;
	fullvm_free(s->hrt, last);
	fullvm_free(s->ros, last);
	free(s);
}
