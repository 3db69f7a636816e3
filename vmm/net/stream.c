// SPDX-License-Identifier: Apache-2.0
// A cable that is a stream socket: size, 4 bytes big-endian, then the frame.
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/net/ether.h"

#define SIZE_BYTES 4u
#define RECORD_MAX (SIZE_BYTES + ETHER_FRAME_MAX)
#define BUFFER     (2 * RECORD_MAX)
#define BURST_MAX  32768u

/* Bytes from first to end are waiting. */
struct buffer {
	size_t first;
	size_t end;
	uint8_t bytes[BUFFER];
};

struct stream {
	struct ether ether; /* first: one is the other */
	struct buffer in;
	struct buffer out;
	size_t rest; /* of the frames in out that were begun */
	int error;   /* the other end has gone, for good */
};

static struct stream *of(struct ether *c)
{
	return (struct stream *)c;
}

static int fail(struct stream *s, int error)
{
	s->error = error;
	return error;
}

/* What waits moves to the front, behind it there is room for one record. */
static void make_room(struct buffer *b)
{
	if (b->first == b->end)
		b->first = b->end = 0;
	if (BUFFER - b->end >= RECORD_MAX)
		return;
	memmove(b->bytes, b->bytes + b->first, b->end - b->first);
	b->end -= b->first;
	b->first = 0;
}

static size_t record_size(const struct buffer *b, size_t at)
{
	uint32_t be;

	memcpy(&be, b->bytes + at, SIZE_BYTES);
	return SIZE_BYTES + ntohl(be);
}

/*
 * One frame, or as many small ones as Linux puts into one buffer (36 KiB):
 * passt of 2023 reads the end of a frame once, and when that is not all of it,
 * or ends within a size, has lost its place in the stream.
 */
static size_t next_burst(const struct stream *s)
{
	const struct buffer *b = &s->out;
	size_t n = s->rest ? s->rest : record_size(b, b->first);

	while (!s->rest && b->first + n < b->end &&
	       n + record_size(b, b->first + n) <= BURST_MAX)
		n += record_size(b, b->first + n);
	return n;
}

static int stream_flush(struct ether *c)
{
	struct stream *s = of(c);
	struct buffer *b = &s->out;

	while (!s->error && b->first < b->end) {
		size_t burst = next_burst(s);
		/* syscall: sendto[4=0] */
		ssize_t n = send(c->fd, b->bytes + b->first, burst,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n >= 0) {
			b->first += (size_t)n;
			s->rest = burst - (size_t)n;
		} else if (errno == EAGAIN)
			return -EAGAIN;
		else if (errno != EINTR)
			return fail(s, -errno);
	}
	return s->error;
}

static bool stream_room(struct ether *c)
{
	struct buffer *b = &of(c)->out;

	make_room(b);
	if (BUFFER - b->end >= RECORD_MAX)
		return true;
	(void)!stream_flush(c); /* an error comes again */
	make_room(b);
	return of(c)->error || BUFFER - b->end >= RECORD_MAX;
}

static int stream_send(struct ether *c, const struct iovec *frame,
		       unsigned int pieces, size_t size)
{
	const uint32_t be = htonl((uint32_t)size);
	struct stream *s = of(c);
	struct buffer *b = &s->out;

	if (s->error)
		return s->error;
	assert(BUFFER - b->end >= SIZE_BYTES + size);
	memcpy(b->bytes + b->end, &be, SIZE_BYTES);
	b->end += SIZE_BYTES;
	for (unsigned int i = 0; i < pieces; i++) {
		memcpy(b->bytes + b->end, frame[i].iov_base, frame[i].iov_len);
		b->end += frame[i].iov_len;
	}
	return 0;
}

/* Size of the frame that begins at first: 0 = not all of it is here yet. */
static int next_size(struct stream *s, size_t *ret)
{
	const struct buffer *b = &s->in;
	size_t have = b->end - b->first;
	uint32_t be, size;

	*ret = 0;
	if (have < SIZE_BYTES)
		return 0;
	memcpy(&be, b->bytes + b->first, SIZE_BYTES);
	size = ntohl(be);
	if (size < ETHER_FRAME_MIN || size > ETHER_FRAME_MAX)
		return fail(s, -EPROTO);
	if (have >= SIZE_BYTES + size)
		*ret = size;
	return 0;
}

/* One read: more, 0; nothing there, -EAGAIN; the end, another -errno. */
static int fill(struct stream *s)
{
	struct buffer *b = &s->in;
	ssize_t n;

	make_room(b);
	do /* syscall: recvfrom */
		n = recv(s->ether.fd, b->bytes + b->end, BUFFER - b->end,
			 MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		b->end += (size_t)n;
		return 0;
	}
	if (n == 0)
		return fail(s, -ENOTCONN);
	return errno == EAGAIN ? -EAGAIN : fail(s, -errno);
}

static int stream_peek(struct ether *c, const uint8_t **frame, size_t *size)
{
	struct stream *s = of(c);

	/* Each round has more bytes, and less than one record is missing. */
	for (;;) {
		int rc = s->error ? s->error : next_size(s, size);

		if (!rc && *size) {
			*frame = s->in.bytes + s->in.first + SIZE_BYTES;
			return 0;
		}
		if (!rc)
			rc = fill(s);
		if (rc)
			return rc;
	}
}

static void stream_drop(struct ether *c)
{
	struct stream *s = of(c);
	size_t size;

	if (!s->error && !next_size(s, &size) && size)
		s->in.first += SIZE_BYTES + size;
}

static void stream_close(struct ether *c)
{
	close(c->fd); /* syscall: close */
	free(of(c));
}

int ether_stream(int fd, struct ether **ret, struct err *e)
{
	static const struct ether_ops ops = {
		.room = stream_room,
		.send = stream_send,
		.flush = stream_flush,
		.peek = stream_peek,
		.drop = stream_drop,
		.close = stream_close,
	};
	struct stream *s = malloc(sizeof(*s));

	if (!s) {
		close(fd);
		return err_set(e, -ENOMEM, "no memory for the network");
	}
	/* Not the buffers: what is never used is never there. */
	s->ether = (struct ether){ .ops = &ops, .fd = fd };
	s->in.first = s->in.end = 0;
	s->out.first = s->out.end = s->rest = 0;
	s->error = 0;
	*ret = &s->ether;
	return 0;
}
