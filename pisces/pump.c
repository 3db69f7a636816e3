// SPDX-License-Identifier: Apache-2.0
// Standard input, output and console of a kernel that nobody interrupts.
#include "pisces/pump.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"

/* A pipe that poll() calls writable takes this much without blocking. */
#define CHUNK    4096u
#define DRAIN_MS 50

static void lose(struct pump_out *out, int error)
{
	out->error = error;
	out->fd = -1;
	ring_close(&out->ring);
}

static bool write_piece(struct pump *p, struct pump_out *out)
{
	const uint8_t *from;
	uint32_t count = ring_avail(&out->ring, &from);
	ssize_t n;

	if (count > CHUNK)
		count = CHUNK;
	if (count == 0)
		return false;
	if (out->fd < 0) {
		ring_consume(&out->ring, count);
		return true;
	}
	n = write(out->fd, from, count);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			lose(out, errno);
		return false;
	}
	if (!p->first_output_ns)
		p->first_output_ns = clock_now_ns();
	if (n > 0)
		out->last = from[n - 1];
	out->bytes += (uint64_t)n;
	ring_consume(&out->ring, (uint32_t)n);
	return n > 0;
}

/* A reader behind a pipe sees the end while the kernel runs on. */
static void close_at_end(struct pump_out *out)
{
	if (out->fd < 0 || out->ring.broken || !ring_end_of_data(&out->ring))
		return;
	if (close(out->fd))
		out->error = errno; /* a file server can tell as late as now */
	out->fd = -1;
}

static bool read_piece(struct pump *p)
{
	uint8_t *to;
	uint32_t space = ring_space(&p->in, &to);
	ssize_t n = 0;

	if (space == 0)
		return false;
	n = read(p->in_fd, to, space);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0) {
		p->in_bytes += (uint64_t)n;
		ring_produce(&p->in, (uint32_t)n);
	} else {
		ring_set_eof(&p->in);
		p->in_ended = true;
	}
	return true;
}

static bool has_bytes(struct pump_out *out)
{
	const uint8_t *from;

	return ring_avail(&out->ring, &from) != 0;
}

static bool can_read(struct pump *p)
{
	uint8_t *to;

	p->in_wanted = p->in_wanted || ring_consumer_sleeps(&p->in);
	return p->in_wanted && !p->in_ended && !ring_is_closed(&p->in) &&
	       ring_space(&p->in, &to) != 0;
}

bool pump_turn(struct pump *p, int event_fd, int timeout_ms)
{
	bool reads = can_read(p), moved = false;
	struct pollfd at[] = {
		{ .fd = event_fd, .events = POLLIN },
		{ .fd = reads ? p->in_fd : -1, .events = POLLIN },
		{ .fd = -1, .events = POLLOUT },
		{ .fd = -1, .events = POLLOUT },
	};

	for (unsigned int i = 0; i < PUMP_OUTS; i++) {
		if (!has_bytes(&p->out[i]))
			continue;
		at[2 + i].fd = p->out[i].fd;
		if (p->out[i].fd < 0)
			timeout_ms = 0;
	}
	if (reads && p->in_fd < 0)
		timeout_ms = 0;
	if (poll(at, 4, timeout_ms) < 0)
		return false;
	for (unsigned int i = 0; i < PUMP_OUTS; i++)
		/* Both may be the same pipe: the second asks again. */
		if ((p->out[i].fd < 0 || at[2 + i].revents) &&
		    (!moved || p->out[i].fd < 0 || poll(&at[2 + i], 1, 0) == 1))
			moved = write_piece(p, &p->out[i]) || moved;
	close_at_end(&p->out[PUMP_STDOUT]);
	if (reads && (p->in_fd < 0 || at[1].revents))
		moved = read_piece(p) || moved;
	return moved;
}

bool pump_rings(struct pump *p)
{
	bool rings = ring_consumer_sleeps(&p->in);

	for (unsigned int i = 0; i < PUMP_OUTS; i++)
		rings = ring_producer_sleeps(&p->out[i].ring) || rings;
	return rings;
}

void pump_drain(struct pump *p, uint64_t deadline_ns)
{
	p->in_wanted = false;
	p->in_ended = true;
	while (has_bytes(&p->out[0]) || has_bytes(&p->out[1])) {
		if (deadline_ns && clock_now_ns() >= deadline_ns)
			return;
		(void)pump_turn(p, -1, DRAIN_MS);
	}
}

const char *pump_broken(const struct pump *p)
{
	if (p->out[PUMP_STDOUT].ring.broken)
		return "stdout";
	if (p->out[PUMP_CONSOLE].ring.broken)
		return "console";
	return p->in.broken ? "stdin" : NULL;
}
