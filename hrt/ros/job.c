// SPDX-License-Identifier: Apache-2.0
// One program at a time, as the host says.
#include "hrt/ros/job.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hrt/ros/child.h"
#include "hrt/ros/mounts.h"
#include "hrt/ros/port.h"

static int open_streams(struct job *j, const struct frame_start *start,
			struct err *e)
{
	static const char *const name[STREAMS] = {
		JOB_PORT_STDIN,
		JOB_PORT_STDOUT,
		JOB_PORT_STDERR,
	};
	int port[STREAMS] = { -1, -1, -1 };

	for (int i = 0; i < STREAMS; i++) {
		port[i] = port_open(name[i], e);
		if (port[i] < 0) {
			for (int k = 0; k < i; k++)
				close(port[k]);
			return e->code;
		}
	}
	return streams_open(&j->streams, port, start->head.flags,
			    &start->head.size, e);
}

static int launch(struct job *j, const struct frame_start *start, struct err *e)
{
	const struct child child = {
		.start = start,
		.streams = &j->streams,
		.root = MOUNTS_HOST,
		.partner = j->partner,
		.devices = { ROS_DAX, ROS_UIO, ROS_CONFIG },
	};
	int ret = 0;

	if (!j->has_cwd)
		ret = mounts_cwd(start->cwd, e);
	if (ret)
		return ret;
	j->has_cwd = true;
	ret = open_streams(j, start, e);
	if (!ret)
		ret = child_start(&child, &j->pid, e);
	if (ret)
		streams_close(&j->streams);
	return ret;
}

static int on_start(struct job *j, struct err *e)
{
	struct frame_start start;
	struct err why;
	int ret = frame_parse_start(j->reader.body, j->reader.head.size, &start,
				    e);

	if (ret)
		return ret;
	ret = j->state == JOB_NONE
		      ? launch(j, &start, &why)
		      : err_set(&why, -EBUSY, "another program is running");
	frame_free_start(&start);
	if (ret)
		return frame_send(j->control, JOB_FAILED, -ret, why.msg, e);
	j->state = JOB_RUNS;
	streams_started(&j->streams);
	return frame_send(j->control, JOB_STARTED, j->pid, NULL, e);
}

static int on_frame(struct job *j, struct err *e)
{
	const struct job_frame *head = &j->reader.head;
	struct job_number number;
	struct job_size size;

	switch (head->type) {
	case JOB_START:
		return on_start(j, e);
	case JOB_SIGNAL:
		if (head->size != sizeof(number))
			break;
		memcpy(&number, j->reader.body, sizeof(number));
		if (j->state == JOB_RUNS)
			(void)kill(j->pid, number.number);
		return 0;
	case JOB_SIZE:
		if (head->size != sizeof(size))
			break;
		memcpy(&size, j->reader.body, sizeof(size));
		if (j->state != JOB_NONE)
			streams_resize(&j->streams, &size);
		return 0;
	default:
		break;
	}
	return err_set(e, -EPROTO, "a frame of type %u with %u bytes",
		       head->type, head->size);
}

/* Orphans come to the first process, too. */
static void on_child(struct job *j)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)!read(j->child_signal, &info, sizeof(info));
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (j->state != JOB_RUNS || pid != j->pid)
			continue;
		j->state = JOB_DRAINS;
		j->status = status;
		ros_window_gone(j->window);
	}
}

static int finish(struct job *j, struct err *e)
{
	streams_close(&j->streams);
	j->state = JOB_NONE;
	return frame_send(j->control, JOB_ENDED, j->status, NULL, e);
}

enum {
	AT_CONTROL = STREAMS_WAITS,
	AT_CHILD,
	WAITS
};

static int turn(struct job *j, struct err *e)
{
	struct pollfd at[WAITS];
	int ret;

	for (int i = 0; i < STREAMS_WAITS; i++)
		at[i].fd = -1;
	if (j->state == JOB_DRAINS && streams_drain(&j->streams))
		return finish(j, e);
	if (j->state != JOB_NONE)
		streams_want(&j->streams, at);
	at[AT_CONTROL] = (struct pollfd){ .fd = j->control, .events = POLLIN };
	at[AT_CHILD] =
		(struct pollfd){ .fd = j->child_signal, .events = POLLIN };
	if (poll(at, WAITS, -1) < 0)
		return errno == EINTR ? 0
				      : err_set(e, -errno, "poll: %s",
						strerror(errno));
	if (j->state != JOB_NONE)
		streams_run(&j->streams, at);
	if (at[AT_CHILD].revents)
		on_child(j);
	if (!at[AT_CONTROL].revents)
		return 0;
	ret = frame_read(&j->reader, e);
	return ret > 0 ? on_frame(j, e) : ret;
}

int job_serve(struct job *j, struct err *e)
{
	int ret;

	j->reader.fd = j->control;
	ret = frame_send(j->control, JOB_READY, 0, NULL, e);
	while (!ret)
		ret = turn(j, e);
	return ret;
}
