// SPDX-License-Identifier: Apache-2.0
// The machine of a Solo5 kernel: one CPU, memory, its devices by name.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/x86.h"
#include "vmm/dev/hvt.h"
#include "vmm/gdb.h"
#include "vmm/kind.h"
#include "vmm/plug.h"
#include "vmm/store.h"
#include "vmm/tap.h"

#define MEM_MAX    (UINT64_C(1) << 32)
#define BLOCK_SIZE 512u
#define MAC_LOCAL  0x02 /* locally administered, unicast */

/**
 * struct solo5 - its devices and what is behind them
 * @hvt: hypercalls
 * @manifest: devices; the index is the handle
 * @disk: behind the SOLO5_BLOCK of the same index
 * @tap: behind the SOLO5_NET of the same index
 * @out: the device's end of the console ring
 * @memory: of the ring
 * @signals: a descriptor that tells of waiting signals; -1 until it is needed
 */
struct solo5 {
	struct hvt hvt;
	struct solo5_manifest manifest;
	struct store disk[SOLO5_DEVICES_MAX];
	struct tap tap[SOLO5_DEVICES_MAX];
	struct ring_end out;
	uint8_t *memory;
	int signals;
};

/* --- what the hypercalls do ---------------------------------------------------*/

static void put_console(void *ctx, const uint8_t *bytes, size_t count)
{
	struct machine *m = ctx;

	plug_put(m, &m->solo5->out, bytes, count);
}

static int block_io(void *ctx, unsigned int handle, bool write, uint64_t offset,
		    void *bytes, uint64_t size)
{
	const struct machine *m = ctx;

	return store_io(&m->solo5->disk[handle], write, offset, bytes, size);
}

static int net_send(void *ctx, unsigned int handle, const void *bytes,
		    uint64_t size)
{
	const struct machine *m = ctx;
	ssize_t n = write(m->solo5->tap[handle].fd, bytes, size);

	/* A network may lose frames. */
	if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
		return 0;
	if (n < 0)
		return -errno;
	return (uint64_t)n == size ? 0 : -EIO;
}

static int64_t net_receive(void *ctx, unsigned int handle, void *bytes,
			   uint64_t size)
{
	const struct machine *m = ctx;
	ssize_t n = read(m->solo5->tap[handle].fd, bytes, size);

	if (n < 0)
		return -errno;
	return n > 0 ? n : -EAGAIN;
}

/* All signals are blocked in dive; this one can be waited for by poll(). */
static void open_signals(struct solo5 *s)
{
	sigset_t all;

	sigfillset(&all);
	if (s->signals < 0)
		s->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

static uint64_t ready_set(const struct solo5 *s, struct pollfd *p)
{
	uint64_t ready = 0;

	for (unsigned int i = 0; i < s->manifest.count; i++) {
		if (p[i].revents & POLLIN)
			ready |= UINT64_C(1) << i;
		else if (p[i].revents)
			p[i].fd = -1; /* nobody at its other end */
	}
	return ready;
}

/* Main thread, which is the only CPU's; the lock is released meanwhile. */
static uint64_t wait_ready(void *ctx, uint64_t timeout_ns)
{
	struct machine *m = ctx;
	struct solo5 *s = m->solo5;
	struct pollfd p[SOLO5_DEVICES_MAX + 1];
	unsigned int n = s->manifest.count;
	uint64_t now = clock_now_ns(), until, ready = 0;

	if (__builtin_add_overflow(now, timeout_ns, &until))
		until = UINT64_MAX;
	open_signals(s);
	for (unsigned int i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = s->tap[i].fd, .events = POLLIN };
	p[n] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	plug_flush(m);
	pthread_mutex_unlock(&m->lock);
	do {
		uint64_t left = until > now ? until - now : 0;
		struct timespec t = { .tv_sec = (time_t)(left / NS_PER_S),
				      .tv_nsec = (long)(left % NS_PER_S) };

		if (ppoll(p, n + 1, &t, NULL) > 0) {
			ready = ready_set(s, p);
			do
				watch_signals(m);
			while (gdb_hold(&m->cpu[0]));
		}
		now = clock_now_ns();
	} while (!ready && now < until && !atomic_load(&m->stopping));
	pthread_mutex_lock(&m->lock);
	return ready;
}

/* --- building it ----------------------------------------------------------------*/

static int fill_mac(struct solo5_device *d, struct err *e)
{
	if (getrandom(d->mac, sizeof(d->mac), 0) != sizeof(d->mac))
		return err_set(e, -errno, "no random numbers: %s",
			       strerror(errno));
	d->mac[0] = (uint8_t)((d->mac[0] & ~1u) | MAC_LOCAL);
	return 0;
}

/* The device of this name; without a name the next one of this kind. */
static int find_device(const struct solo5 *s, enum solo5_kind kind,
		       const struct run_name *name, unsigned int *ret,
		       struct err *e)
{
	for (unsigned int i = 0; i < s->manifest.count; i++) {
		const struct solo5_device *d = &s->manifest.device[i];

		if (d->kind != kind || d->attached ||
		    (name->size &&
		     (strlen(d->name) != name->size ||
		      memcmp(d->name, name->text, name->size) != 0)))
			continue;
		*ret = i;
		return 0;
	}
	return err_set(e, -EINVAL,
		       "%s %.*s: the kernel has no such device left in its "
		       "manifest",
		       kind == SOLO5_BLOCK ? "--disk" : "--net",
		       (int)name->size, name->size ? name->text : "");
}

static int attach_disk(struct solo5 *s, const struct run_disk *from,
		       struct err *e)
{
	struct solo5_device *d;
	unsigned int i;
	int rc = find_device(s, SOLO5_BLOCK, &from->name, &i, e);

	if (rc)
		return rc;
	rc = store_open(&s->disk[i], from->path, from->readonly, e);
	if (rc)
		return err_wrap(e, "--disk");
	d = &s->manifest.device[i];
	d->attached = true;
	d->capacity = s->disk[i].size;
	d->block_size = BLOCK_SIZE;
	if (d->capacity == 0 || d->capacity % BLOCK_SIZE)
		return err_set(e, -EINVAL,
			       "--disk: %s: its size must be a multiple of %u "
			       "bytes",
			       from->path, BLOCK_SIZE);
	return 0;
}

static int attach_tap(struct solo5 *s, const struct run_net *from,
		      struct err *e)
{
	struct solo5_device *d;
	unsigned int i;
	int rc = find_device(s, SOLO5_NET, &from->name, &i, e);

	if (rc)
		return rc;
	rc = tap_open(&s->tap[i], from, e);
	if (rc)
		return err_wrap(e, "--net");
	d = &s->manifest.device[i];
	d->attached = true;
	d->mtu = s->tap[i].mtu;
	return fill_mac(d, e);
}

static int attach_all(struct solo5 *s, const struct run_config *c,
		      struct err *e)
{
	int rc = 0;

	for (unsigned int i = 0; i < c->disks && !rc; i++)
		rc = attach_disk(s, &c->disk[i], e);
	for (unsigned int i = 0; i < c->nets && !rc; i++)
		rc = attach_tap(s, &c->net[i], e);
	return rc;
}

/* A Solo5 kernel relies on every device that it names. */
static int check_complete(const struct solo5 *s, struct err *e)
{
	for (unsigned int i = 1; i < s->manifest.count; i++) {
		const struct solo5_device *d = &s->manifest.device[i];

		if (d->attached)
			continue;
		if (d->kind == SOLO5_BLOCK)
			return err_set(e, -EINVAL,
				       "the kernel needs a disk '%s': give "
				       "--disk %s:FILE",
				       d->name, d->name);
		if (d->kind == SOLO5_NET)
			return err_set(e, -EINVAL,
				       "the kernel needs a network '%s': give "
				       "--net %s:tap=INTERFACE",
				       d->name, d->name);
		return err_set(e, -ENOEXEC,
			       "the kernel needs a device '%s' of a kind that "
			       "is not known here (%u)",
			       d->name, d->kind);
	}
	return 0;
}

static int check_machine(const struct run_config *c, struct err *e)
{
	if (c->cpus != 1)
		return err_set(e, -EINVAL,
			       "a Solo5 kernel has one CPU: leave out --cpus");
	if (c->rng)
		return err_set(e, -EINVAL,
			       "a Solo5 kernel has no virtio devices: leave "
			       "out --rng");
	if (c->mem_base || c->mem_size % PAGE_2M || c->mem_size == 0 ||
	    c->mem_size > MEM_MAX)
		return err_set(e, -EINVAL,
			       "--mem of a Solo5 kernel is a multiple of 2M, "
			       "starts at 0 and is 4G at most");
	return 0;
}

static void on_changed(void *ctx)
{
	struct machine *m = ctx;

	if (!streams_running(&m->streams))
		return; /* the CPU's thread writes for itself, lock held */
	pthread_mutex_lock(&m->lock);
	pthread_cond_broadcast(&m->space);
	pthread_mutex_unlock(&m->lock);
}

static void wire_streams(struct machine *m)
{
	struct streams *s = &m->streams;

	s->outs = 1;
	s->out[0].fd = m->config->out_fd;
	s->in.fd = -1;
	s->changed = on_changed;
	s->lost = plug_lost;
	s->ctx = m;
	plug_join(m->solo5->memory, &m->solo5->out, &s->out[0].ring);
}

static int alloc_state(struct machine *m, struct err *e)
{
	struct solo5 *s = calloc(1, sizeof(*s));

	m->solo5 = s;
	if (!s)
		return err_set(e, -ENOMEM, "no memory for the devices");
	s->signals = -1;
	for (unsigned int i = 0; i < SOLO5_DEVICES_MAX; i++) {
		s->disk[i].fd = -1;
		s->tap[i].fd = -1;
	}
	s->memory = calloc(1, PLUG_RING_BYTES);
	return s->memory ? 0 : err_set(e, -ENOMEM, "no memory for the console");
}

int solo5_create(struct machine *m, const struct image *img, struct err *e)
{
	const struct run_config *c = m->config;
	const struct hvt_wires wires = {
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
	struct solo5 *s;
	int rc = check_machine(c, e);

	m->board = (struct board){ .mode = "fullvm", .cpus = c->cpus };
	if (rc == 0)
		rc = alloc_state(m, e);
	s = m->solo5;
	if (rc == 0)
		rc = solo5_manifest_read(img, &s->manifest, e);
	if (rc == 0)
		rc = attach_all(s, c, e);
	if (rc == 0)
		rc = check_complete(s, e);
	if (rc)
		return rc;
	m->board.range[0] = (struct board_range){ 0, c->mem_size, RANGE_RAM };
	m->board.ranges = 1;
	m->board.solo5 = &s->manifest;
	wire_streams(m);
	hvt_attach(&s->hvt, &m->pio, &s->manifest, &wires);
	return 0;
}

void solo5_free(struct machine *m)
{
	struct solo5 *s = m->solo5;

	if (!s)
		return;
	for (unsigned int i = 0; i < SOLO5_DEVICES_MAX; i++) {
		store_close(&s->disk[i]);
		tap_close(&s->tap[i]);
	}
	if (s->signals >= 0)
		close(s->signals);
	free(s->memory);
	free(s);
	m->solo5 = NULL;
}
