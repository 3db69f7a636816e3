/* SPDX-License-Identifier: Apache-2.0 */
/* Rings on one side, file descriptors on the other, one turn at a time. */
#ifndef PISCES_PUMP_H
#define PISCES_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "contract/lib/ring.h"

enum {
	PUMP_STDOUT,
	PUMP_CONSOLE,
	PUMP_OUTS,
};

/**
 * struct pump_out - bytes on their way out
 * @ring: consumer's end
 * @fd: destination, borrowed; -1 = nowhere
 * @bytes: written so far
 * @last: the last of them
 * @error: errno of the write that failed; then the ring is closed
 */
struct pump_out {
	struct ring_end ring;
	int fd;
	uint64_t bytes;
	uint8_t last;
	int error;
};

/**
 * struct pump - the three streams of a kernel
 * @out: output
 * @in: producer's end of its input
 * @in_fd: source, borrowed; -1 = none
 * @in_wanted: the kernel has asked for input; before that none is read
 * @in_ended: the end was passed on
 * @in_bytes: read so far
 * @first_output_ns: CLOCK_MONOTONIC of the first byte written, 0 = none
 */
struct pump {
	struct pump_out out[PUMP_OUTS];
	struct ring_end in;
	int in_fd;
	bool in_wanted;
	bool in_ended;
	uint64_t in_bytes;
	uint64_t first_output_ns;
};

/**
 * pump_turn() - wait until something can move or has happened, then move it
 * @p: streams, rings attached
 * @event_fd: also waited for; -1 = nothing
 * @timeout_ms: at most so long, less when the kernel can be ready earlier
 *
 * A pipe is never waited for beyond that; a terminal can block.
 *
 * Return: true when bytes were moved.
 */
bool pump_turn(struct pump *p, int event_fd, int timeout_ms);

/**
 * pump_rings() - does the kernel wait for what the last turn has done
 * @p: streams
 *
 * Return: true when it is to be interrupted.
 */
bool pump_rings(struct pump *p);

/**
 * pump_drain() - write what a stopped kernel has left
 * @p: streams
 * @deadline_ns: CLOCK_MONOTONIC; 0 = as long as it takes
 */
void pump_drain(struct pump *p, uint64_t deadline_ns);

/**
 * pump_broken() - the ring on which the kernel published impossible indices
 * @p: streams
 *
 * Return: its name; NULL when there is none.
 */
const char *pump_broken(const struct pump *p);

#endif
