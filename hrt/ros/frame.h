/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of hrt/job.h on the control port. */
#ifndef HRT_ROS_FRAME_H
#define HRT_ROS_FRAME_H

#include <stddef.h>

#include "base/err.h"
#include "hrt/job.h"

/**
 * struct frame_reader - what came of a frame
 * @fd: the port, non-blocking
 * @got: bytes of head and body that are here
 * @head: first
 * @body: then its payload, as many bytes as @head says, and a NUL
 */
struct frame_reader {
	int fd;
	size_t got;
	struct job_frame head;
	char body[JOB_FRAME_MAX + 1];
};

/**
 * frame_read() - go on reading
 * @r: zeroed but for @fd at first; after a whole frame it begins the next one
 * @e: filled on failure
 *
 * Return: 1 when a frame is complete, 0 when there is no more to read now,
 * -ENODATA when the host has closed the port, -EPROTO when a frame is larger
 * than any may be, else -errno of read().
 */
int must_check frame_read(struct frame_reader *r, struct err *e);

/**
 * frame_send() - send a frame, however long that takes
 * @fd: the port
 * @type: enum job_type
 * @number: struct job_number
 * @text: follows the number; NULL when none does. At most 500 bytes go out
 * @e: filled on failure
 *
 * JOB_READY has neither: @number is not sent with it.
 *
 * Return: 0, or -errno of write().
 */
int must_check frame_send(int fd, uint32_t type, int32_t number,
			  const char *text, struct err *e);

/**
 * struct frame_start - JOB_START, taken apart
 * @head: as it came
 * @words: @head.argc of them and NULL
 * @variables: @head.envc and NULL
 * @cwd: begins with a slash
 *
 * The strings are in the frame.
 */
struct frame_start {
	struct job_start head;
	char **words;
	char **variables;
	const char *cwd;
};

/**
 * frame_parse_start() - check JOB_START and take it apart
 * @body: payload, borrowed for as long as @start is used
 * @size: bytes
 * @start: filled; frame_free_start() it
 * @e: filled on failure
 *
 * Return: 0, -EPROTO when it is not what hrt/job.h says, -ENOMEM.
 */
int must_check frame_parse_start(char *body, size_t size,
				 struct frame_start *start, struct err *e);

/**
 * frame_free_start() - the tables, not the strings
 * @start: parsed, or zeroed
 */
void frame_free_start(struct frame_start *start);

#endif
