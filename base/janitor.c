// SPDX-License-Identifier: Apache-2.0
// Removes a file at the end, though dive itself may not by then.
#include "base/janitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child. Nobody waits for us: only the pipe stays open. */
static void wait_and_remove(const char *path, bool if_empty, int pipe_fd)
{
	struct stat st;
	char byte;
	ssize_t n;

	setsid(); /* a signal to dive's group is not for the janitor */
	if (dup2(pipe_fd, 0) != 0)
		_exit(1);
	close_range(1, ~0u, 0);
	do
		n = read(0, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (!if_empty || (stat(path, &st) == 0 && st.st_size == 0))
		unlink(path);
	_exit(0);
}

int janitor_start(struct janitor *j, const char *path, bool if_empty,
		  struct err *e)
{
	sigset_t all, old;
	int ends[2];

	*j = (struct janitor){ .pid = 0 };
	if (pipe2(ends, O_CLOEXEC))
		return err_set(e, -errno, "no pipe: %s", strerror(errno));
	/* The child never takes a signal: one may come before its setsid(). */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	j->pid = fork();
	if (j->pid == 0)
		wait_and_remove(path, if_empty, ends[0]);
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(ends[0]);
	if (j->pid < 0) {
		close(ends[1]);
		*j = (struct janitor){ .pid = 0 };
		return err_set(e, -EAGAIN, "cannot fork: %s", strerror(EAGAIN));
	}
	j->fd = ends[1];
	return 0;
}

void janitor_finish(struct janitor *j)
{
	if (j->pid == 0)
		return;
	/* syscall: close, wait4 */
	close(j->fd);
	while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*j = (struct janitor){ .pid = 0 };
}
