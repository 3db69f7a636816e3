// SPDX-License-Identifier: Apache-2.0
// Bytes from one descriptor to another, with constant memory.
#include "hrt/ros/pump.h"

#include <errno.h>
#include <unistd.h>

void pump_start(struct pump *p, int in, int out)
{
	p->in = in;
	p->out = out;
	p->first = 0;
	p->last = 0;
}

static bool is_empty(const struct pump *p)
{
	return p->first == p->last;
}

/* No more comes; what is on its way may still go out. */
static void settle(struct pump *p)
{
	if (p->in >= 0 || !is_empty(p) || p->out < 0)
		return;
	p->out = -1;
	if (p->at_end)
		p->at_end(p->ctx);
}

static void give_up(struct pump *p)
{
	p->in = -1;
	p->out = -1;
	p->first = 0;
	p->last = 0;
	if (p->broken)
		p->broken(p->ctx);
}

/* Return: true when something came. */
static bool take(struct pump *p)
{
	ssize_t n;

	if (is_empty(p))
		p->first = p->last = 0;
	if (p->in < 0 || p->last == PUMP_BYTES)
		return false;
	n = read(p->in, p->bytes + p->last, PUMP_BYTES - p->last);
	if (n > 0) {
		p->last += (size_t)n;
		return true;
	}
	/* A terminal that nobody has open any more says EIO. */
	if (!n || (errno != EAGAIN && errno != EINTR))
		p->in = -1;
	return false;
}

static void give(struct pump *p)
{
	ssize_t n;

	if (p->out < 0 || is_empty(p))
		return;
	n = write(p->out, p->bytes + p->first, p->last - p->first);
	if (n > 0)
		p->first += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		give_up(p);
}

void pump_want(const struct pump *p, struct pollfd at[2])
{
	bool has_room = is_empty(p) || p->last < PUMP_BYTES;

	at[0] = (struct pollfd){ .fd = has_room ? p->in : -1,
				 .events = POLLIN };
	at[1] = (struct pollfd){ .fd = is_empty(p) ? -1 : p->out,
				 .events = POLLOUT };
}

void pump_run(struct pump *p, const struct pollfd at[2])
{
	if (at[0].fd >= 0 && at[0].revents)
		take(p);
	/* A port that the host has closed takes no bytes, but says so. */
	if (at[1].fd >= 0 && (at[1].revents & (POLLHUP | POLLERR | POLLNVAL)))
		give_up(p);
	give(p);
	settle(p);
}

bool pump_drain(struct pump *p)
{
	if (is_empty(p) && !take(p))
		p->in = -1;
	settle(p);
	return p->out < 0;
}
