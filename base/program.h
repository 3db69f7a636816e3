/* SPDX-License-Identifier: Apache-2.0 */
/* A program that the Linux of a split VM runs, as both machines see it. */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ports of a virtio console through which Linux serves a program. */
enum run_port {
	PORT_CONTROL,
	PORT_STDIN,
	PORT_STDOUT,
	PORT_STDERR,
	RUN_PORTS,
};

/**
 * struct run_program - a program that Linux starts, as the machines see it
 * @port: names of the ports, RUN_PORTS of them
 * @fd: its standard streams
 * @said: bytes from the control port; Linux's lock held. May set @over
 * @next: bytes for the control port, returns how many; Linux's lock held
 * @taken: it took so many of them; Linux's lock held
 * @signal: one came for this process; the kernel's thread. False when there is
 *	no program yet
 * @begin: take the next one if there is any; true when @fd are others now.
 *	Linux's lock held
 * @finish: it is over and all it has written is out; true when the machine
 *	shall end, else @fd are others now. Linux's lock held
 * @idle: the machine has taken @fd, and uses none that they were before
 * @over: it has ended, as @reason, @status and @text say
 * @reason: for the report of Linux
 * @status: see @reason
 * @text: see @reason
 */
struct run_program {
	const char *const *port;
	int fd[3];
	void (*said)(struct run_program *p, const uint8_t *bytes, size_t count);
	size_t (*next)(struct run_program *p, const uint8_t **ret);
	void (*taken)(struct run_program *p, size_t count);
	bool (*signal)(struct run_program *p, int signal);
	bool (*begin)(struct run_program *p);
	bool (*finish)(struct run_program *p);
	void (*idle)(struct run_program *p);
	bool over;
	unsigned int reason;
	uint32_t status;
	char text[160];
};

#endif
