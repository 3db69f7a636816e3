// SPDX-License-Identifier: Apache-2.0
// What the hypercalls of a Solo5 kernel do: console, disks, networks, sleep.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "vmm/gdb/gdb.h"
#include "vmm/plug.h"
#include "vmm/solo5.h"

static void put_console(void *ctx, const uint8_t *bytes, size_t count)
{
	struct machine *m = ctx;

	plug_put(m, &m->solo5->out, bytes, count);
}

static void on_disk_done(void *ctx, struct disk_io *io, int error)
{
	(void)io;
	*(int *)ctx = error;
}

/* The kernel waits for its disks: so do we. */
static int block_io(void *ctx, unsigned int handle, bool write, uint64_t offset,
		    void *bytes, uint64_t size)
{
	struct machine *m = ctx;
	struct disk *d = &m->solo5->disk[handle];
	struct iovec piece = { bytes, size };
	struct disk_io io = { .op = write ? DISK_WRITE : DISK_READ,
			      .offset = offset,
			      .size = size,
			      .data = { &piece, 1 } };
	int error = -EIO;

	if (size == 0)
		return 0;
	d->done = on_disk_done;
	d->ctx = &error;
	disk_submit(d, &io);
	return error;
}

/* A cable of no use: watch_signals() tells the user. */
static int note(struct machine *m, unsigned int handle, int rc)
{
	struct solo5 *s = m->solo5;

	if (rc && rc != -EAGAIN && !s->error[handle]) {
		s->error[handle] = rc;
		pthread_kill(m->main, RUN_KICK);
	}
	return rc;
}

static int net_send(void *ctx, unsigned int handle, const void *bytes,
		    uint64_t size)
{
	struct machine *m = ctx;
	struct ether *c = m->solo5->link[handle].cable;
	struct iovec frame = { (void *)(uintptr_t)bytes, size };
	int rc;

	if (size < ETHER_FRAME_MIN || size > ETHER_FRAME_MAX)
		return -EINVAL;
	if (!ether_room(c))
		return 0; /* a network may lose frames */
	rc = ether_send(c, &frame, 1, size);
	if (rc == 0)
		rc = ether_flush(c); /* what it keeps goes when it waits */
	return note(m, handle, rc) == -EAGAIN ? 0 : rc;
}

static int64_t net_receive(void *ctx, unsigned int handle, void *bytes,
			   uint64_t size)
{
	struct machine *m = ctx;
	struct ether *c = m->solo5->link[handle].cable;
	const uint8_t *frame;
	size_t have;
	int rc = note(m, handle, ether_peek(c, &frame, &have));

	if (rc)
		return rc;
	if (size > have)
		size = have;
	memcpy(bytes, frame, size);
	ether_drop(c);
	return (int64_t)size;
}

/* Handles on which a frame waits. */
static uint64_t ready_set(struct machine *m)
{
	struct solo5 *s = m->solo5;
	uint64_t ready = 0;
	const uint8_t *frame;
	size_t size;

	for (unsigned int i = 0; i < s->manifest.count; i++)
		if (s->link[i].cable && !s->error[i] &&
		    note(m, i, ether_peek(s->link[i].cable, &frame, &size)) ==
			    0)
			ready |= UINT64_C(1) << i;
	return ready;
}

/* What to wait for on a cable; what it has kept goes now, or waits, too. */
static struct pollfd poll_link(struct machine *m, unsigned int handle)
{
	struct ether *c = m->solo5->link[handle].cable;
	struct pollfd p = { .fd = -1, .events = POLLIN };

	if (!c || m->solo5->error[handle])
		return p;
	if (note(m, handle, ether_flush(c)) == -EAGAIN)
		p.events |= POLLOUT;
	p.fd = c->fd;
	return p;
}

/* Sleeps until the time, a frame or a signal; signals are served. */
static void sleep_until(struct machine *m, uint64_t now, uint64_t until)
{
	struct solo5 *s = m->solo5;
	struct pollfd p[SOLO5_DEVICES_MAX + 1];
	unsigned int n = s->manifest.count;
	uint64_t left = until > now ? until - now : 0;
	struct timespec t = { .tv_sec = (time_t)(left / NS_PER_S),
			      .tv_nsec = (long)(left % NS_PER_S) };

	for (unsigned int i = 0; i < n; i++)
		p[i] = poll_link(m, i);
	p[n] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	/* syscall: ppoll */
	if (ppoll(p, n + 1, &t, NULL) <= 0)
		return;
	do
		watch_signals(m);
	while (gdb_hold(&m->cpu[0]));
}

/* Main thread, which is the only CPU's; the lock is released meanwhile. */
static uint64_t wait_ready(void *ctx, uint64_t timeout_ns)
{
	struct machine *m = ctx;
	uint64_t now = clock_now_ns(), until, ready;

	if (__builtin_add_overflow(now, timeout_ns, &until))
		until = UINT64_MAX;
	plug_flush(m);
	pthread_mutex_unlock(&m->lock);
	/* At least once: a kernel that polls in a loop is to hear signals. */
	do {
		ready = ready_set(m);
		sleep_until(m, now, ready ? now : until);
		now = clock_now_ns();
		if (!ready)
			ready = ready_set(m);
	} while (!ready && now < until && !atomic_load(&m->stopping));
	pthread_mutex_lock(&m->lock);
	return ready;
}

struct hvt_wires solo5_wires(struct machine *m)
{
	return (struct hvt_wires){
		.mem = &m->mem,
		.console = { put_console, m },
		.power = plug_power(m),
		.time = plug_time,
		.block_io = block_io,
		.net_send = net_send,
		.net_receive = net_receive,
		.wait = wait_ready,
		.ctx = m,
	};
}
