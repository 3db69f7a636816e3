/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from one descriptor to another, with constant memory. */
#ifndef HRT_ROS_PUMP_H
#define HRT_ROS_PUMP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#define PUMP_BYTES 65536

/**
 * struct pump - one direction of one stream
 * @in: read from it, non-blocking; -1 when there is no more to read
 * @out: written to, non-blocking; -1 when nobody reads any more
 * @first: index in @bytes of what was not written yet
 * @last: index behind it
 * @at_end: called once, when all that came is written and no more comes; may
 *	be NULL
 * @broken: called once, when nobody reads any more; may be NULL
 * @ctx: handed to both
 * @bytes: on their way
 *
 * Whoever made the descriptors closes them: a pump only forgets them.
 */
struct pump {
	int in;
	int out;
	size_t first;
	size_t last;
	void (*at_end)(void *ctx);
	void (*broken)(void *ctx);
	void *ctx;
	char bytes[PUMP_BYTES];
};

/**
 * pump_start() - nothing is on its way
 * @p: the rest of it is written by the caller
 * @in: -1 for a pump that does nothing
 * @out: as in struct pump
 */
void pump_start(struct pump *p, int in, int out);

/**
 * pump_want() - what to wait for
 * @p: any pump
 * @at: two entries for poll(), written; unused ones have a descriptor of -1
 *
 * A pump that has room reads, one that has bytes writes. It never waits for
 * what it could not use, so one that stands still costs nothing.
 */
void pump_want(const struct pump *p, struct pollfd at[2]);

/**
 * pump_run() - read once and write once, as far as that is possible now
 * @p: any pump
 * @at: as pump_want() wrote them and poll() answered
 */
void pump_run(struct pump *p, const struct pollfd at[2]);

/**
 * pump_drain() - nobody writes into it any more: take what there still is
 * @p: any pump
 *
 * For the time after a program: what it wrote last is there already, but the
 * end of the file does not always come, as for a terminal. Call it before each
 * poll() until it returns true.
 *
 * Return: true when everything was written, or nobody reads it.
 */
bool pump_drain(struct pump *p);

#endif
