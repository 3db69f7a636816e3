/* SPDX-License-Identifier: Apache-2.0 */
/* Rings on one side, file descriptors on the other, and the I/O thread. */
#ifndef VMM_STREAMS_H
#define VMM_STREAMS_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/kick.h"
#include "contract/lib/ring.h"

#define STREAMS_OUT 3

enum out_kind {
	OUT_UNKNOWN,  /* nobody looked yet */
	OUT_TERMINAL, /* poll() calls it writable, and write() waits */
	OUT_OTHER,
};

/**
 * struct out_stream - bytes on their way out
 * @ring: consumer's end
 * @fd: destination, borrowed
 * @kind: of @fd; OUT_UNKNOWN to begin with
 * @bytes: written so far
 * @last: the last byte written
 * @mark: stands before each line; NULL = nothing does
 * @is_log: the run goes on when it cannot be written, unless a reader left
 * @is_ours: what dive says, not the kernel
 * @error: errno of the write that failed, 0 = none
 * @lost: the destination has gone (@error, or closed at the end)
 * @close_at_eof: close @fd when the producer says EOF, so that a reader
 *	behind a pipe sees it while the kernel runs on
 */
struct out_stream {
	struct ring_end ring;
	int fd;
	enum out_kind kind;
	uint64_t bytes;
	uint8_t last;
	const char *mark;
	bool is_log;
	bool is_ours;
	int error;
	bool lost;
	bool close_at_eof;
};

/**
 * struct in_stream - bytes on their way in
 * @ring: producer's end
 * @fd: source, borrowed; -1 = none
 * @bytes: read so far
 * @wanted: the guest has asked for input; any thread sets it
 * @ended: EOF was passed on, or the guest closed the ring
 */
struct in_stream {
	struct ring_end ring;
	int fd;
	uint64_t bytes;
	atomic_bool wanted;
	bool ended;
};

/**
 * struct streams - all channels of one machine
 * @out: @outs output channels
 * @outs: entries of @out
 * @in: input channel
 * @changed: called after bytes were taken from or put into a ring, on the
 *	thread that moved them
 * @woken: called on the I/O thread after streams_wake(); may be NULL
 * @lost: called once when an output has gone, on the thread that noticed
 * @ctx: passed to all of them
 * @first_output_ns: CLOCK_MONOTONIC of the first byte written, 0 = none
 * @wake_fd: wakes the I/O thread; -1 = there is none
 * @moved: descriptors are others than when the I/O thread waited for them
 * @quit: the I/O thread shall end
 * @thread: the I/O thread
 * @old_action: what RUN_KICK did before streams_start()
 *
 * The rings belong to the vCPU threads (which take turns under the machine's
 * lock) until streams_start(), to the I/O thread until streams_stop(), then
 * to the caller.
 */
struct streams {
	struct out_stream out[STREAMS_OUT];
	unsigned int outs;
	struct in_stream in;
	void (*changed)(void *ctx);
	void (*woken)(void *ctx);
	void (*lost)(void *ctx);
	void *ctx;
	_Atomic uint64_t first_output_ns;
	int wake_fd;
	bool moved;
	atomic_bool quit;
	pthread_t thread;
	struct sigaction old_action;
};

/**
 * streams_flush() - write what can be written without blocking
 * @s: rings owned by the calling thread
 *
 * Terminals are left to the I/O thread. Each ring is emptied at most once,
 * however fast it is filled.
 *
 * Return: true when bytes are left.
 */
bool streams_flush(struct streams *s);

/**
 * streams_start() - start the I/O thread
 * @s: rings owned by the calling thread; given to the new one
 * @e: why not
 *
 * RUN_KICK gets a handler that does nothing, until streams_stop(): only a
 * signal ends a write() that blocks.
 *
 * Return: 0 or -errno (then everything is as before).
 */
int must_check streams_start(struct streams *s, struct err *e);

/**
 * streams_running() - is there an I/O thread
 * @s: streams
 *
 * Return: true between streams_start() and streams_stop().
 */
bool streams_running(const struct streams *s);

/**
 * streams_wake() - tell the I/O thread to look at the rings
 * @s: running streams
 *
 * Any thread.
 */
void streams_wake(struct streams *s);

/**
 * streams_stop() - end the I/O thread, with bytes possibly left in the rings
 * @s: running or not
 */
void streams_stop(struct streams *s);

/**
 * streams_drain() - write everything that is left
 * @s: stopped
 * @deadline_ns: CLOCK_MONOTONIC; 0 = wait as long as it takes
 *
 * With a deadline the interval timer and SIGALRM are used; the timer is off
 * afterwards. Terminals get 0.1 s in any case.
 */
void streams_drain(struct streams *s, uint64_t deadline_ns);

#endif
