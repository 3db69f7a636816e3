// SPDX-License-Identifier: Apache-2.0
// The terminal while a kernel reads from it.
#include "vmm/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* In the guard: wait for the end of dive, then restore what it left behind. */
static void guard(const struct tty *tty, int pipe_fd)
{
	char done;
	ssize_t n;

	/* syscall: setsid, read, ioctl[1=TCSETS], exit_group */
	setsid(); /* a signal to dive's group is not for the guard */
	do
		n = read(pipe_fd, &done, 1);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		tcsetattr(tty->fd, TCSANOW, &tty->saved);
	_exit(0);
}

static int start_guard(struct tty *tty)
{
	sigset_t all, old;
	int ends[2];
	pid_t child;

	/* syscall: pipe2, clone[0&CLONE_NAMESPACES=0], dup2, close_range */
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	/* The guard never takes a signal: one may come before its setsid(). */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	child = fork();
	if (child == 0) {
		/* Only the terminal and the pipe: nobody waits for us. */
		if (dup2(tty->fd, 0) == 0 && dup2(ends[0], 1) == 1) {
			tty->fd = 0;
			close_range(2, ~0u, 0);
			guard(tty, 1);
		}
		_exit(1);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close(ends[0]);
	if (child < 0) {
		close(ends[1]);
		return -EAGAIN;
	}
	tty->guard_fd = ends[1];
	return 0;
}

void tty_enter(struct tty *tty, int fd)
{
	struct termios mode;
	pid_t owner;

	/* syscall: ioctl[1=TCGETS], ioctl[1=TIOCGPGRP], getpgrp */
	if (tty->active || tcgetattr(fd, &tty->saved))
		return;
	owner = tcgetpgrp(fd);
	if (owner >= 0 && owner != getpgrp())
		return; /* in the background: it is the shell's */
	tty->fd = fd;
	if (start_guard(tty))
		return;
	mode = tty->saved;
	mode.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP | IXON);
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	if (tty->raw) {
		mode.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK);
		mode.c_lflag &= ~(tcflag_t)(ISIG);
		if (isatty(tty->out_fd))
			mode.c_oflag &= ~(tcflag_t)(OPOST);
	}
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	tcsetattr(fd, TCSANOW, &mode);
	tty->active = true;
}

void tty_leave(struct tty *tty)
{
	if (!tty->active)
		return;
	tcsetattr(tty->fd, TCSANOW, &tty->saved);
	(void)!write(tty->guard_fd, "", 1);
	close(tty->guard_fd);
	tty->active = false;
}
