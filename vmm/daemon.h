/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that serve a device from outside: started, watched, reaped. */
#ifndef VMM_DAEMON_H
#define VMM_DAEMON_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Where a daemon finds its socket, for words such as "--fd=3". */
#define DAEMON_FD  3
#define DAEMON_FD_ "3"

/**
 * struct daemon - one child
 * @pid: 0 = none
 * @pidfd: becomes readable when it ends
 * @messages: what it writes to stderr; never blocks it, keeps the first 64 KiB
 */
struct daemon {
	pid_t pid;
	int pidfd;
	int messages;
};

/**
 * daemon_start() - run a program
 * @d: overwritten
 * @argv: words; the first is looked for in $PATH
 * @socket: becomes DAEMON_FD there; borrowed, the caller closes its own. All
 *	other descriptors stay here
 * @e: why not; -ENOENT when it is not installed
 *
 * It is in a session of its own, so that Ctrl-C reaches only us, and is
 * killed when the calling thread ends, however that happens. (A program that
 * changes its user is not: there the closed socket must do.) Call it before
 * there are threads or much memory.
 *
 * Return: 0 or -errno.
 */
int must_check daemon_start(struct daemon *d, const char *const *argv,
			    int socket, struct err *e);

/**
 * struct daemon_program - a program that is not run as we are
 * @argv: see daemon_start()
 * @enter: called in the child at last, may change namespaces and users;
 *	returns 0, or -1 with errno set; NULL = nothing
 * @arg: passed to it
 */
struct daemon_program {
	const char *const *argv;
	int (*enter)(const void *arg);
	const void *arg;
};

/**
 * daemon_start_in() - run a program in another place
 * @d: see daemon_start()
 * @program: what and how; borrowed
 * @socket: see daemon_start()
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check daemon_start_in(struct daemon *d,
			       const struct daemon_program *program, int socket,
			       struct err *e);

/**
 * daemon_end() - wait for it, at most so long, then kill it; reap it
 * @d: started or not; afterwards it is not
 * @wait_ns: 0 = kill it at once
 * @words: its last line on stderr, printable ASCII, or else how it ended
 * @size: of @words, at least 1
 *
 * Not for the vCPU threads: this may wait.
 */
void daemon_end(struct daemon *d, uint64_t wait_ns, char *words, size_t size);

#endif
