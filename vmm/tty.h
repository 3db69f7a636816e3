/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal while a kernel reads from it. */
#ifndef VMM_TTY_H
#define VMM_TTY_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

/**
 * struct tty - a terminal in character mode
 * @fd: the terminal, borrowed
 * @active: mode was changed and must be restored
 * @saved: mode before
 * @raw: every key is for the kernel's program, also Ctrl-C; set by the caller
 * @out_fd: with @raw, the output: where it is a terminal, too, that one shows
 *	bytes as they are
 * @guard_fd: closed when this process ends, however it ends
 */
struct tty {
	int fd;
	bool active;
	struct termios saved;
	bool raw;
	int out_fd;
	int guard_fd;
};

/**
 * tty_enter() - characters as they are typed, no echo; signal keys still work
 * @tty: zeroed, but for raw and out_fd
 * @fd: input; nothing happens when it is no terminal, or not ours now
 *
 * A guard process restores the terminal even after SIGKILL of this one.
 */
void tty_enter(struct tty *tty, int fd);

/**
 * tty_leave() - restore the terminal
 * @tty: after tty_enter(), or zeroed
 */
void tty_leave(struct tty *tty);

#endif
