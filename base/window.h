/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that two machines of one process have in common. */
#ifndef BASE_WINDOW_H
#define BASE_WINDOW_H

#include <stdint.h>

/**
 * struct run_window - memory that both machines of a split VM have
 * @gpa: where, in both
 * @size: bytes, a multiple of 2 MiB; 0 = there is none
 * @fd: shared memory of that size
 * @bell_fd: eventfd by which Linux interrupts the kernel
 * @ring: the kernel interrupts Linux; on a CPU's thread, its machine's lock
 *	held
 * @ctx: passed to @ring
 */
struct run_window {
	uint64_t gpa;
	uint64_t size;
	int fd;
	int bell_fd;
	void (*ring)(void *ctx);
	void *ctx;
};

#endif
