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
 * @guard_fd: closed when this process ends, however it ends
 */
struct tty {
	int fd;
	bool active;
	struct termios saved;
	int guard_fd;
};

/**
 * tty_enter() - characters as they are typed, no echo; signal keys still work
 * @tty: zeroed
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
