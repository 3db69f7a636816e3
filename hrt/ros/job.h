/* SPDX-License-Identifier: Apache-2.0 */
/* One program at a time, as the host says. */
#ifndef HRT_ROS_JOB_H
#define HRT_ROS_JOB_H

#include <sys/types.h>

#include "hrt/ros/frame.h"
#include "hrt/ros/streams.h"
#include "hrt/ros/window.h"

enum job_state {
	JOB_NONE,
	JOB_RUNS,
	JOB_DRAINS, /* it has ended, its output is not yet out */
};

/**
 * struct job - what init serves
 * @control: the port
 * @window: what the kernel shares; its path is what the partner opens
 * @partner: file of the partner, open
 * @child_signal: signalfd of SIGCHLD
 * @state: of the program
 * @pid: of the partner while @state is JOB_RUNS
 * @status: as waitpid() gave it, from JOB_DRAINS on
 * @has_cwd: the writable directory is mounted, where the first program was
 * @reader: of @control
 * @streams: while @state is not JOB_NONE
 */
struct job {
	int control;
	const struct ros_window *window;
	int partner;
	int child_signal;
	enum job_state state;
	pid_t pid;
	int status;
	bool has_cwd;
	struct frame_reader reader;
	struct streams streams;
};

/**
 * job_serve() - say JOB_READY, then run programs until the host goes away
 * @j: control, window, partner and child_signal are set, the rest is 0
 * @e: why it has ended
 *
 * Return: -errno.
 */
int must_check job_serve(struct job *j, struct err *e);

#endif
