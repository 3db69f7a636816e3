// SPDX-License-Identifier: Apache-2.0
// The process that becomes the partner of a program.
#include "hrt/ros/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "contract/dive/delegate.h"

/* Above all that is open here, so that nothing is in the way of anything. */
#define FIRST_FD 100

#define FAILED(what) err_set(e, -errno, "%s: %s", what, strerror(errno))

/* Descriptors 0, 1 and 2, and the terminal that signals come from. */
static int take_streams(const struct streams *s, struct err *e)
{
	if (setsid() < 0)
		return FAILED("setsid");
	for (int i = 0; i < STREAMS; i++) {
		if (dup2(s->far[i], i) < 0)
			return FAILED("its standard streams");
		if (s->near[i] < 0 && ioctl(i, TIOCSCTTY, 0) && errno != EPERM)
			return FAILED("its terminal");
	}
	return 0;
}

/* The partner closes them; a description of our own, as it locks it. */
static int open_devices(const struct child *c, char *word, size_t size,
			struct err *e)
{
	int fd[3], high[3];

	for (int i = 0; i < 3; i++) {
		fd[i] = open(c->devices[i], O_RDWR | O_CLOEXEC);
		if (fd[i] < 0)
			return FAILED(c->devices[i]);
		high[i] = fcntl(fd[i], F_DUPFD, FIRST_FD);
		if (high[i] < 0)
			return FAILED(c->devices[i]);
	}
	snprintf(word, size, "--inherit=%d,%d,%d", high[0], high[1], high[2]);
	/* A child has none of its parent's ports, but keeps its own. */
	return ioperm(DIVE_DELEGATE_PORT, 1, 1)
		       ? FAILED("the kernel's doorbell")
		       : 0;
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = fd < 0 ? -errno : io_write_all(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return ret;
}

/*
 * Whoever serves the files has no rights but those of the user, to whom they
 * belong as to root (vmm/share_daemon.c). So a program is root here, too, and
 * sees itself, and what belongs to root, as the user: rights and owners are
 * then those of the host. Root of the host is root, of everything.
 */
static int become_user(const struct job_start *head, struct err *e)
{
	char uid[32], gid[32];
	int ret;

	if (!head->uid)
		return setresgid(head->gid, head->gid, head->gid)
			       ? FAILED("its group")
			       : 0;
	snprintf(uid, sizeof(uid), "%u 0 1", head->uid);
	snprintf(gid, sizeof(gid), "%u 0 1", head->gid);
	if (unshare(CLONE_NEWUSER))
		return FAILED("its user name space");
	ret = put("/proc/self/setgroups", "deny");
	if (!ret)
		ret = put("/proc/self/uid_map", uid);
	if (!ret)
		ret = put("/proc/self/gid_map", gid);
	return ret ? err_set(e, ret, "its user: %s", strerror(-ret)) : 0;
}

static int enter(const struct child *c, struct err *e)
{
	const struct job_start *head = &c->start->head;
	int ret;

	if (setgroups(0, NULL))
		return FAILED("its groups");
	/* Before chroot(): behind it there are no name spaces to be had. */
	ret = become_user(head, e);
	if (ret)
		return ret;
	if (chroot(c->root))
		return FAILED("its root");
	if (chdir(c->start->cwd))
		return FAILED(c->start->cwd);
	umask(head->umask & 0777);
	return 0;
}

/* As a process begins: what init has done to its signals is undone. */
static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* To compare with: the program itself, as a shell would start it. */
static int become_program(const struct child *c, struct err *e)
{
	int ret = take_streams(c->streams, e);

	if (!ret)
		ret = enter(c, e);
	if (ret)
		return ret;
	reset_signals();
	environ = c->start->variables;
	execvp(c->start->words[0], c->start->words);
	return FAILED(c->start->words[0]);
}

static int become_partner(const struct child *c, struct err *e)
{
	static char name[] = "partner";
	size_t argc = c->start->head.argc;
	char **words, inherit[64];
	int ret = take_streams(c->streams, e);

	if (!ret)
		ret = open_devices(c, inherit, sizeof(inherit), e);
	if (!ret)
		ret = enter(c, e);
	if (ret)
		return ret;
	words = calloc(argc + 3, sizeof(*words));
	if (!words)
		return err_set(e, -ENOMEM, "no memory");
	reset_signals();
	words[0] = name;
	words[1] = inherit;
	memcpy(words + 2, c->start->words, argc * sizeof(*words));
	fexecve(c->partner, words, c->start->variables);
	return FAILED("the partner");
}

/* The other end is closed by execve(), or says what went wrong before it. */
static int hear(int fd, pid_t pid, struct err *e)
{
	struct err said;
	int ret = io_read_all(fd, &said, sizeof(said));

	if (ret == -ENODATA)
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (ret)
		return err_set(e, ret, "hearing of the program: %s",
			       strerror(-ret));
	*e = said;
	return e->code;
}

int child_start(const struct child *c, pid_t *pid, struct err *e)
{
	int ends[2], ret;

	if (pipe2(ends, O_CLOEXEC))
		return err_set(e, -errno, "making a pipe: %s", strerror(errno));
	*pid = fork();
	if (!*pid) {
		struct err said = { .code = 0 };
		/* Out of the way of the streams. */
		int to = fcntl(ends[1], F_DUPFD_CLOEXEC, FIRST_FD);

		if (c->start->head.flags & JOB_NATIVE
			    ? become_program(c, &said)
			    : become_partner(c, &said))
			(void)!write(to, &said, sizeof(said));
		_exit(1);
	}
	close(ends[1]);
	ret = *pid < 0 ? err_set(e, -errno, "a process: %s", strerror(errno))
		       : hear(ends[0], *pid, e);
	close(ends[0]);
	return ret;
}
