/* SPDX-License-Identifier: Apache-2.0 */
/* The standard streams of one program. */
#ifndef HRT_ROS_STREAMS_H
#define HRT_ROS_STREAMS_H

#include "hrt/job.h"
#include "hrt/ros/pump.h"

#include "base/err.h"

#define STREAMS 3 /* indices are those of the descriptors in the program */

/**
 * struct streams - what lies between a program and the ports
 * @port: to the host: of input, output, errors; -1 once it is closed
 * @near: this side of the pipes; -1 for a stream that is the terminal
 * @far: the program's side of each stream
 * @terminal: this side of the terminal, -1 when there is none or it hung up
 * @pump: input, output, errors
 *
 * Output of the terminal goes where the first of output and errors that is one
 * goes; without such a stream it is thrown away, and only input is a terminal.
 */
struct streams {
	int port[STREAMS];
	int near[STREAMS];
	int far[STREAMS];
	int terminal;
	struct pump pump[STREAMS];
};

/**
 * streams_open() - make the streams and begin to pump
 * @s: overwritten; streams_close() it, also after a failure
 * @port: of the host, non-blocking; taken over, closed with the rest
 * @flags: of the job: which of them is a terminal of the host
 * @size: of the terminal
 * @e: filled on failure
 *
 * Return: 0, or -errno.
 */
int must_check streams_open(struct streams *s, const int port[STREAMS],
			    uint32_t flags, const struct job_size *size,
			    struct err *e);

/**
 * streams_started() - the program has its side: close it here
 * @s: open
 *
 * A terminal's far side stays open until streams_drain(): it would be at its
 * end as soon as a program closes it for a moment.
 */
void streams_started(struct streams *s);

/**
 * streams_resize() - the host's terminal has another size
 * @s: open
 * @size: characters
 */
void streams_resize(struct streams *s, const struct job_size *size);

#define STREAMS_WAITS (2 * STREAMS)

/**
 * streams_want() - what to wait for
 * @s: open
 * @at: for poll(), written
 */
void streams_want(const struct streams *s, struct pollfd at[STREAMS_WAITS]);

/**
 * streams_run() - move what can be moved
 * @s: open
 * @at: as poll() answered
 */
void streams_run(struct streams *s, const struct pollfd at[STREAMS_WAITS]);

/**
 * streams_drain() - the program has ended: get all its output out
 * @s: open
 *
 * Call it before each poll() until it returns true.
 *
 * Return: true when the ports have everything.
 */
bool streams_drain(struct streams *s);

/**
 * streams_close() - close all of it
 * @s: as streams_open() left it
 */
void streams_close(struct streams *s);

#endif
