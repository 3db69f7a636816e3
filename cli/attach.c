// SPDX-License-Identifier: Apache-2.0
// dive --attach: a program for a split VM that another dive keeps.
#include "cli/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/local.h"
#include "hrt/program.h"
#include "vmm/tty.h"

#define TYPED_MAX 4096

/**
 * struct attach - between us and the other dive
 * @p: the program
 * @socket: to the other dive
 * @signals: signalfd
 * @keys: where what is typed goes; -1 = standard input is no terminal
 * @tty: the terminal
 */
struct attach {
	struct program p;
	int socket;
	int signals;
	int keys;
	struct tty tty;
};

static void nothing(void *ctx)
{
	(void)ctx; /* whoever calls looks at run.next by itself */
}

static bool send_next(struct attach *a, const int *fds)
{
	const uint8_t *from;
	size_t n;

	while ((n = a->p.run.next(&a->p.run, &from)) != 0) {
		if (!local_send(a->socket, from, n, fds))
			return false;
		a->p.run.taken(&a->p.run, n);
		fds = NULL;
	}
	return true;
}

static int watch_signals(void)
{
	static const int wanted[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
				      SIGUSR1, SIGUSR2, SIGWINCH };
	sigset_t set, all;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct sigaction now;

		if (sigaction(wanted[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(&set, wanted[i]);
	}
	sigfillset(&all);
	sigdelset(&all, SIGTSTP);
	sigprocmask(SIG_SETMASK, &all, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* The other dive is in no session of our terminal: it gets what we read. */
static int open_keys(struct attach *a, int *ret_input, struct err *e)
{
	int ends[2];

	a->keys = -1;
	*ret_input = STDIN_FILENO;
	if (!isatty(STDIN_FILENO))
		return 0;
	if (pipe2(ends, O_CLOEXEC) || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0)
		return err_set(e, -errno, "--attach: no pipe: %s",
			       strerror(errno));
	*ret_input = ends[0];
	a->keys = ends[1];
	a->tty.raw = true;
	a->tty.out_fd = STDOUT_FILENO;
	tty_enter(&a->tty, STDIN_FILENO);
	return 0;
}

static void pass_keys(struct attach *a)
{
	char typed[TYPED_MAX];
	ssize_t n = read(STDIN_FILENO, typed, sizeof(typed));

	if (n > 0 && write(a->keys, typed, (size_t)n) >= 0)
		return;
	close(a->keys);
	a->keys = -1;
}

/* False when the other dive has gone. */
static bool turn(struct attach *a)
{
	struct pollfd room = { .fd = a->keys, .events = POLLOUT };
	bool has_room = a->keys >= 0 && poll(&room, 1, 0) == 1;
	struct pollfd at[] = {
		{ .fd = a->socket, .events = POLLIN },
		{ .fd = a->signals, .events = POLLIN },
		{ .fd = has_room ? STDIN_FILENO : a->keys,
		  .events = has_room ? POLLIN : POLLOUT },
	};
	struct signalfd_siginfo signal;
	uint8_t bytes[256];

	(void)poll(at, 3, -1);
	if (at[0].revents) {
		ssize_t n = read(a->socket, bytes, sizeof(bytes));

		if (n <= 0)
			return false;
		a->p.run.said(&a->p.run, bytes, (size_t)n);
	}
	if (at[1].revents &&
	    read(a->signals, &signal, sizeof(signal)) == sizeof(signal))
		(void)a->p.run.signal(&a->p.run, (int)signal.ssi_signo);
	if (at[2].revents && has_room)
		pass_keys(a);
	return send_next(a, NULL);
}

static int serve(struct attach *a, struct err *e)
{
	const struct job_frame ready = { JOB_READY, 0 };
	int fds[LOCAL_FDS] = { 0, STDOUT_FILENO, STDERR_FILENO };
	int rc = open_keys(a, &fds[0], e);
	bool there;

	if (rc)
		return rc;
	a->p.run.said(&a->p.run, (const uint8_t *)&ready, sizeof(ready));
	there = send_next(a, fds);
	if (a->keys >= 0)
		close(fds[0]);
	while (there && !a->p.run.over)
		there = turn(a);
	tty_leave(&a->tty);
	return a->p.run.over ? 0
			     : err_set(e, -EIO,
				       "--attach: the other dive has "
				       "ended, or refused it");
}

int attach_run(const struct options *o, struct exit_report *report,
	       struct err *e)
{
	struct attach a = { .socket = -1 };
	int rc = program_open(&a.p, o->words, e);

	a.p.wake = nothing;
	if (!rc) {
		a.socket = local_connect(o->attach, e);
		if (a.socket < 0)
			rc = err_set(e, -EIO, "--attach: %s",
				     strerror(-a.socket));
	}
	if (!rc) {
		a.signals = watch_signals();
		rc = serve(&a, e);
		report->reason = a.p.run.reason;
		report->status = a.p.run.status;
		report->channel = "program";
		memcpy(report->text, a.p.run.text, sizeof(report->text));
	}
	program_close(&a.p);
	return rc;
}
