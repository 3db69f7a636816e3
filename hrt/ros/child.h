/* SPDX-License-Identifier: Apache-2.0 */
/* The process that becomes the partner of a program. */
#ifndef HRT_ROS_CHILD_H
#define HRT_ROS_CHILD_H

#include <sys/types.h>

#include "hrt/ros/frame.h"
#include "hrt/ros/streams.h"

/**
 * struct child - what it becomes
 * @start: program, variables, directory, user
 * @streams: open; the far sides are for it
 * @root: directory that is its root
 * @partner: file of the partner, open
 * @devices: paths of what the partner gets open: window, bell, configuration
 *	of the bell
 */
struct child {
	const struct frame_start *start;
	const struct streams *streams;
	const char *root;
	int partner;
	const char *devices[3];
};

/**
 * child_start() - start it
 * @c: all of it is borrowed
 * @pid: process id, when it runs the partner or the program
 * @e: what it could not do
 *
 * Return: 0, or -errno; there is no process then.
 */
int must_check child_start(const struct child *c, pid_t *pid, struct err *e);

#endif
