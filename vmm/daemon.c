// SPDX-License-Identifier: Apache-2.0
// Programs that serve a device from outside: started, watched, reaped.
#include "vmm/daemon.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define FAILED    127  /* the child could not become the program */
#define TEXT_MAX  4096 /* of its messages, the end */
#define NS_PER_MS 1000000u

/* Copies first, above all that is overwritten; then everything else goes. */
static int arrange_fds(int socket, int messages)
{
	int null = open("/dev/null", O_RDWR);

	socket = fcntl(socket, F_DUPFD, 16);
	messages = fcntl(messages, F_DUPFD, 16);
	if (null < 0 || socket < 0 || messages < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 || dup2(messages, 2) < 0 ||
	    dup2(socket, DAEMON_FD) < 0)
		return -errno;
	return 0;
}

/* In the child; on return it could not be done, and errno says why. */
static void become(const struct daemon_program *program, int socket,
		   int messages, int report, pid_t parent)
{
	sigset_t none;

	report = fcntl(report, F_DUPFD_CLOEXEC, 16);
	if (report < 0 || arrange_fds(socket, messages))
		goto failed;
	close_range(DAEMON_FD + 1, (unsigned int)report - 1, 0);
	close_range((unsigned int)report + 1, ~0u, 0);
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (program->enter && program->enter(program->arg))
		goto failed;
	/* A new user namespace would undo it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return;
	execvp(program->argv[0], (char *const *)(uintptr_t)program->argv);
failed:
	(void)!write(report, &errno, sizeof(errno));
}

/* The pipe closes when the program runs, or says why it does not. */
static int wait_for_exec(int report)
{
	int error = 0;
	ssize_t n;

	do
		n = read(report, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == sizeof(error) ? -error : 0;
}

int daemon_start(struct daemon *d, const char *const *argv, int socket,
		 struct err *e)
{
	const struct daemon_program program = { .argv = argv };

	return daemon_start_in(d, &program, socket, e);
}

int daemon_start_in(struct daemon *d, const struct daemon_program *program,
		    int socket, struct err *e)
{
	const char *name = program->argv[0];
	const pid_t parent = getpid();
	int report[2] = { -1, -1 }, messages[2] = { -1, -1 };
	int rc;

	*d = (struct daemon){ .pidfd = -1, .messages = -1 };
	if (pipe2(report, O_CLOEXEC) || pipe2(messages, O_CLOEXEC | O_NONBLOCK))
		goto failed;
	d->pid = fork();
	if (d->pid < 0)
		goto failed;
	if (d->pid == 0) {
		become(program, socket, messages[1], report[1], parent);
		_exit(FAILED);
	}
	close(report[1]);
	close(messages[1]);
	d->messages = messages[0];
	d->pidfd = pidfd_open(d->pid, 0);
	rc = d->pidfd < 0 ? -errno : wait_for_exec(report[0]);
	close(report[0]);
	if (rc) {
		char words[1];

		daemon_end(d, 0, words, sizeof(words));
		return err_set(e, rc, "cannot run %s: %s%s", name,
			       strerror(-rc),
			       rc == -ENOENT ? ": install it" : "");
	}
	return 0;
failed:
	rc = -errno;
	d->pid = 0;
	for (int i = 0; i < 2; i++) {
		if (report[i] >= 0)
			close(report[i]);
		if (messages[i] >= 0)
			close(messages[i]);
	}
	return err_set(e, rc, "cannot start %s: %s", name, strerror(-rc));
}

/* Without a system logger some daemons tell that, too, for each line. */
static bool is_noise(const char *line)
{
	return *line == '\0' || !strncmp(line, "Failed to send ", 15);
}

/* The last line that says something. */
static void last_words(int messages, char *words, size_t size)
{
	char text[TEXT_MAX + 1], *line, *at = text;
	size_t have = 0;
	ssize_t n;

	while ((n = read(messages, text + have, TEXT_MAX - have)) > 0) {
		have += (size_t)n;
		if (have == TEXT_MAX) { /* keep the second half */
			have = TEXT_MAX / 2;
			memmove(text, text + TEXT_MAX - have, have);
		}
	}
	text[have] = '\0';
	while ((line = strsep(&at, "\n"))) {
		if (is_noise(line))
			continue;
		snprintf(words, size, "%s", line);
	}
	for (; *words; words++)
		if (!isprint((unsigned char)*words))
			*words = '?';
}

static void say_how(int status, char *words, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(words, size, "it was ended by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(words, size, "it ended with status %d",
			 WEXITSTATUS(status));
}

/* True when it has ended by itself. */
static bool has_ended(const struct daemon *d, uint64_t wait_ns)
{
	struct pollfd p = { .fd = d->pidfd, .events = POLLIN };

	return d->pidfd >= 0 && poll(&p, 1, (int)(wait_ns / NS_PER_MS)) == 1;
}

void daemon_end(struct daemon *d, uint64_t wait_ns, char *words, size_t size)
{
	int status = 0;

	*words = '\0';
	if (d->pid <= 0)
		return;
	/* A confined dive has this one way, to what it has started itself. */
	/* syscall: pidfd_send_signal, wait4, poll, read, close */
	if (!has_ended(d, wait_ns))
		(void)pidfd_send_signal(d->pidfd, SIGKILL, NULL, 0);
	kill(-d->pid, SIGKILL); /* unconfined: its children, too */
	while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR)
		;
	last_words(d->messages, words, size);
	if (!*words || WIFSIGNALED(status))
		say_how(status, words, size);
	if (d->pidfd >= 0)
		close(d->pidfd);
	close(d->messages);
	*d = (struct daemon){ .pidfd = -1, .messages = -1 };
}
