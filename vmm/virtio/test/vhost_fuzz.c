// SPDX-License-Identifier: Apache-2.0
// Fuzzes a device between a hostile guest and a hostile daemon: neither gets
// more out of the other's rings than was put in, and no answer is awaited for
// ever.
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/dev/test/fuzz.h"
#include "vmm/virtio/fs.h"
#include "vmm/virtio/test/rig.h"

#define RINGS_SIZE 16384u /* of one queue's rings for the daemon */
#define SETUP_MAX  64u    /* bytes of the input that answer the greeting */

struct model {
	struct rig rig;
	struct fs fs;
	int daemon;
	int socket;
};

static void on_lost(void *ctx, struct vhost *v, const char *why)
{
	(void)ctx;
	FUZZ_CHECK(!v->alive && *why);
}

static void set(struct model *m, uint32_t reg, uint32_t value)
{
	bus_write(&m->rig.bus, RIG_MMIO + reg, 4, value);
}

/* What a driver does that knows its business. */
static void drive(struct model *m)
{
	set(m, VIRTIO_MMIO_STATUS, 0);
	set(m, VIRTIO_MMIO_STATUS, 3);
	set(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	set(m, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	set(m, VIRTIO_MMIO_STATUS, 3 | VIRTIO_CONFIG_S_FEATURES_OK);
	set(m, VIRTIO_MMIO_QUEUE_SEL, 1);
	set(m, VIRTIO_MMIO_QUEUE_NUM, RIG_SIZE);
	set(m, VIRTIO_MMIO_QUEUE_DESC_LOW, RIG_DESC);
	set(m, VIRTIO_MMIO_QUEUE_AVAIL_LOW, RIG_AVAIL);
	set(m, VIRTIO_MMIO_QUEUE_USED_LOW, RIG_USED);
	set(m, VIRTIO_MMIO_QUEUE_READY, 1);
	set(m, VIRTIO_MMIO_STATUS, 15);
}

static void say(struct model *m, uint32_t request, uint64_t value)
{
	uint32_t w[] = { request, 5, 8, (uint32_t)value,
			 (uint32_t)(value >> 32) };

	(void)!write(m->daemon, w, sizeof(w));
}

/* An answer is there before it is asked for; what was said goes nowhere. */
static void prepare(struct model *m, struct fuzz_input *in)
{
	uint8_t drop[4096];

	while (read(m->daemon, drop, sizeof(drop)) > 0)
		;
	if (fuzz_take(in, 1) % 2)
		say(m, 11, fuzz_take(in, 1));
}

/* Every request that the daemon has was taken from the driver, once. */
static void check(const struct model *m)
{
	for (unsigned int i = 0; i < m->fs.vhost.dev.queues; i++) {
		const struct vhost_queue *q = &m->fs.vhost.queue[i];
		const struct virtq *driver = &m->fs.vhost.dev.queue[i];
		unsigned int open = 0;

		for (unsigned int head = 0; head < VHOST_QUEUE_SIZE; head++)
			open += q->open[head];
		FUZZ_CHECK(open <= q->size);
		FUZZ_CHECK(!open || q->running);
		FUZZ_CHECK(m->fs.vhost.alive || !open);
		/* A queue that the driver reset alone has forgotten. */
		FUZZ_CHECK(driver->broken || !driver->ready ||
			   driver->size != q->size ||
			   (uint16_t)(driver->taken - driver->given) <= open);
	}
}

static void step(struct model *m, struct fuzz_input *in)
{
	struct vhost *v = &m->fs.vhost;
	unsigned int op = (unsigned int)fuzz_take(in, 1) % 10;
	uint64_t where = fuzz_take(in, 2);
	unsigned int bytes = fuzz_size(in);
	uint64_t value = fuzz_take(in, bytes);
	struct vring_desc d = { .addr = RIG_BUFFER + where / 2,
				.len = (uint32_t)value & 0xff,
				.flags = (uint16_t)(value >> 8) & 3,
				.next = (uint16_t)(value >> 16) % RIG_SIZE };

	if (op == 0 && where + bytes <= RIG_MEMORY)
		memcpy(m->rig.ram + where, &value, bytes);
	else if (op == 1)
		bus_write(&m->rig.bus, RIG_MMIO + where % VIRTIO_MMIO_SIZE,
			  bytes, value);
	else if (op == 2)
		rig_desc(&m->rig, where % RIG_SIZE, d);
	else if (op == 3)
		rig_offer(&m->rig, (uint16_t)where % RIG_SIZE);
	else if (op == 4)
		virtio_serve(&v->dev, 1);
	else if (op == 5)
		memcpy(v->rings + where % (2 * RINGS_SIZE - 8), &value, bytes);
	else if (op == 6) {
		struct vring_used *u = v->queue[1].used;

		u->ring[u->idx % RIG_SIZE].id = (uint32_t)where % RIG_SIZE;
		u->idx++;
	} else if (op == 7)
		vhost_called(v, where % 2);
	else if (op == 8)
		drive(m);
	else if (where % 16 == 0)
		vhost_lose(v, "it has gone");
	(void)rig_serve(&m->rig);
	check(m);
}

/* The greeting: as it should be, or anything. */
static int greet(struct model *m, struct fuzz_input *in)
{
	const struct vhost_user_region r = { 0, RIG_MEMORY, 0, 0 };
	bool well = fuzz_take(in, 1) % 8;
	uint8_t words[SETUP_MAX];

	say(m, 1, UINT64_C(0x170000000));
	if (well)
		say(m, 15, 0);
	for (unsigned int i = 0; i < SETUP_MAX && !well; i++)
		words[i] = (uint8_t)fuzz_take(in, 1);
	if (!well) {
		(void)!write(m->daemon, words, sizeof(words));
		shutdown(m->daemon, SHUT_WR);
	}
	return vhost_connect(&m->fs.vhost, m->socket, &r, 1, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct model m;
	int fd[2];

	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) ==
		   0);
	m.daemon = fd[0];
	m.socket = fd[1];
	rig_memory(&m.rig);
	fs_init(&m.fs, &m.rig.mem, "tag");
	m.fs.vhost.lost = on_lost;
	rig_attach_mmio(&m.rig, &m.fs.vhost.dev);
	m.fs.vhost.link.limit_ns = 0;
	if (greet(&m, &in) == 0) {
		m.fs.vhost.link.limit_ns = 0; /* it answers now or never */
		drive(&m);
		for (int i = 0; i < FUZZ_STEPS_MAX && in.left > 0; i++) {
			prepare(&m, &in);
			step(&m, &in);
		}
	}
	vhost_free(&m.fs.vhost);
	rig_free(&m.rig);
	close(fd[0]);
	close(fd[1]);
	return 0;
}
