// SPDX-License-Identifier: Apache-2.0
// Frames of hrt/job.h on the control port.
#include "hrt/ros/frame.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

#define TEXT_MAX 500

int frame_read(struct frame_reader *r, struct err *e)
{
	const size_t head = sizeof(r->head);
	char *to;
	size_t most;
	ssize_t n;

	for (;;) {
		if (r->got < head) {
			to = (char *)&r->head + r->got;
			most = head - r->got;
		} else {
			to = r->body + (r->got - head);
			most = r->head.size - (r->got - head);
		}
		if (most) {
			n = read(r->fd, to, most);
			if (!n)
				return err_set(e, -ENODATA,
					       "dive has closed the port");
			if (n < 0 && (errno == EAGAIN || errno == EINTR))
				return 0;
			if (n < 0)
				return err_set(e, -errno, "reading frames: %s",
					       strerror(errno));
			r->got += (size_t)n;
		}
		if (r->got < head)
			continue;
		if (r->head.size > JOB_FRAME_MAX)
			return err_set(e, -EPROTO, "a frame of %u bytes",
				       r->head.size);
		if (r->got == head + r->head.size) {
			r->got = 0;
			r->body[r->head.size] = '\0';
			return 1;
		}
	}
}

int frame_send(int fd, uint32_t type, int32_t number, const char *text,
	       struct err *e)
{
	struct job_frame head = { .type = type };
	struct job_number body = { number };
	char buffer[sizeof(head) + sizeof(body) + TEXT_MAX];
	size_t text_size = text ? strnlen(text, TEXT_MAX) : 0;
	int ret;

	if (type != JOB_READY)
		head.size = (uint32_t)(sizeof(body) + text_size);
	memcpy(buffer, &head, sizeof(head));
	memcpy(buffer + sizeof(head), &body, sizeof(body));
	if (text_size)
		memcpy(buffer + sizeof(head) + sizeof(body), text, text_size);
	ret = io_write_all(fd, buffer, sizeof(head) + head.size);
	return ret ? err_set(e, ret, "sending frames: %s", strerror(-ret)) : 0;
}

/* Where @count strings begin, and NULL behind the last; NULL: they are fewer. */
static char **strings(char **at, const char *end, uint32_t count)
{
	/* Each has a byte at least. */
	char **table =
		count <= end - *at ? calloc(count + 1, sizeof(*table)) : NULL;

	for (uint32_t i = 0; table && i < count; i++) {
		char *nul = memchr(*at, '\0', (size_t)(end - *at));

		if (!nul) {
			free(table);
			return NULL;
		}
		table[i] = *at;
		*at = nul + 1;
	}
	return table;
}

int frame_parse_start(char *body, size_t size, struct frame_start *start,
		      struct err *e)
{
	char *at = body + sizeof(start->head);
	const char *end = body + size;
	char **cwd = NULL;

	*start = (struct frame_start){ .words = NULL };
	if (size < sizeof(start->head))
		return err_set(e, -EPROTO, "a start of %zu bytes", size);
	memcpy(&start->head, body, sizeof(start->head));
	if (!start->head.argc)
		return err_set(e, -EPROTO, "a start without words");
	start->words = strings(&at, end, start->head.argc);
	if (start->words)
		start->variables = strings(&at, end, start->head.envc);
	if (start->variables)
		cwd = strings(&at, end, 1);
	if (!cwd) {
		frame_free_start(start);
		return err_set(e, -EPROTO, "a start whose strings do not end");
	}
	start->cwd = cwd[0];
	free(cwd);
	if (start->cwd[0] == '/')
		return 0;
	frame_free_start(start);
	return err_set(e, -EPROTO, "a start in no absolute directory");
}

void frame_free_start(struct frame_start *start)
{
	free(start->words);
	free(start->variables);
	*start = (struct frame_start){ .words = NULL };
}
