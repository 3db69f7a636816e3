// SPDX-License-Identifier: Apache-2.0
// Fuzzes the network card from both sides: a driver that writes anything into
// its rings, and a peer that sends and reads as it likes.
#include <arpa/inet.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/dev/test/fuzz.h"
#include "vmm/virtio/net.h"

#define MEM_SIZE 0x10000u
#define SIZE     16u /* entries of a queue */
#define PART     0x400u

enum {
	RX,
	TX
};

struct model {
	struct virtio_net n;
	struct gmem mem;
	uint8_t *ram; /* of its own: ASan sees what is behind it */
	int peer;
	unsigned int gone;
};

static void on_kick(void *ctx, struct virtio_device *d, unsigned int queue)
{
	(void)ctx;
	(void)d;
	FUZZ_CHECK(queue <= TX);
}

static void on_live(void *ctx, struct virtio_device *d, bool on)
{
	(void)ctx;
	(void)d;
	(void)on;
}

static void on_trouble(void *ctx, struct virtio_device *d, unsigned int queue,
		       const char *why)
{
	(void)ctx;
	(void)d;
	FUZZ_CHECK(queue <= TX && why);
}

static void on_interrupt(void *ctx, unsigned int queue)
{
	(void)ctx;
	FUZZ_CHECK(queue <= TX || queue == VIRTIO_CONFIG);
}

static void on_gone(void *ctx, struct virtio_net *n)
{
	struct model *m = ctx;

	FUZZ_CHECK(n == &m->n && m->gone++ == 0);
}

/* A driver with a wish for features, and rings at places that may overlap. */
static void begin(struct model *m, struct fuzz_input *in)
{
	struct virtio_device *d = &m->n.device;
	uint64_t wish = fuzz_take(in, 1);

	virtio_set_status(d, 0);
	d->legacy = wish & 1;
	virtio_set_status(d, VIRTIO_CONFIG_S_DRIVER);
	virtio_accept(d, 0,
		      (wish & 2 ? 1u << VIRTIO_NET_F_MRG_RXBUF : 0) |
			      (wish & 4 ? 1u << VIRTIO_RING_F_EVENT_IDX : 0) |
			      (wish & 8 ? 1u << VIRTIO_RING_F_INDIRECT_DESC
					: 0));
	virtio_accept(d, 1, d->legacy ? 0 : 1);
	virtio_set_status(d, d->status | VIRTIO_CONFIG_S_FEATURES_OK);
	for (unsigned int i = 0; i < 2; i++) {
		struct virtq *q = &d->queue[i];
		gpa_t at = wish & 0x80 ? fuzz_take(in, 2) & ~15u : i * 3 * PART;

		q->size = SIZE;
		q->desc_at = at;
		q->avail_at = at + PART;
		q->used_at = at + 2 * PART;
		virtio_enable_queue(d, i);
	}
	virtio_set_status(d, d->status | VIRTIO_CONFIG_S_DRIVER_OK);
}

static void write_desc(struct model *m, struct fuzz_input *in)
{
	unsigned int at = (unsigned int)fuzz_take(in, 1);
	struct vring_desc d = {
		.addr = fuzz_take(in, 2),
		.len = (uint32_t)fuzz_take(in, 2),
		.flags = (uint16_t)fuzz_take(in, 1),
		.next = (uint16_t)fuzz_take(in, 1),
	};

	memcpy(m->ram + (at / SIZE % 2) * 3 * PART + at % SIZE * sizeof(d), &d,
	       sizeof(d));
}

static void offer(struct model *m, unsigned int queue, uint16_t head)
{
	uint16_t idx, *avail = (void *)(m->ram + queue * 3 * PART + PART);

	idx = avail[1];
	avail[2 + idx % SIZE] = head;
	avail[1] = (uint16_t)(idx + 1);
}

static void peer_sends(struct model *m, uint32_t size)
{
	static const uint8_t zero[ETHER_FRAME_MAX];
	uint32_t be = htonl(size);

	if (size > sizeof(zero))
		size = 0;
	(void)!send(m->peer, &be, sizeof(be), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)!send(m->peer, zero, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void peer_reads(struct model *m)
{
	static uint8_t bytes[1 << 18];

	(void)!recv(m->peer, bytes, sizeof(bytes), MSG_DONTWAIT);
}

/* What was taken is given back, or held for the next frame. */
static void check(struct model *m)
{
	const struct virtq *rx = &m->n.device.queue[RX];
	const struct virtq *tx = &m->n.device.queue[TX];

	FUZZ_CHECK(rx->broken ||
		   rx->taken == (uint16_t)(rx->given + m->n.in.count));
	FUZZ_CHECK(tx->broken || tx->taken == tx->given);
}

/* A queue taken back, and given again with another size. */
static void resize(struct model *m, unsigned int queue, unsigned int size)
{
	struct virtio_device *d = &m->n.device;
	struct virtq *q = &d->queue[queue];

	virtio_disable_queue(d, queue);
	FUZZ_CHECK(!q->ready && (queue != RX || m->n.in.count == 0));
	q->size = (uint16_t)(1u << size % 5);
	q->desc_at = queue * 3 * PART;
	q->avail_at = q->desc_at + PART;
	q->used_at = q->desc_at + 2 * PART;
	virtio_enable_queue(d, queue);
}

static void step(struct model *m, struct fuzz_input *in)
{
	unsigned int op = (unsigned int)fuzz_take(in, 1);

	if (op < 0x10) {
		begin(m, in);
	} else if (op < 0x30) {
		uint16_t value = (uint16_t)fuzz_take(in, 2);

		memcpy(m->ram + fuzz_take(in, 2) % (MEM_SIZE - 1), &value,
		       sizeof(value));
	} else if (op < 0x70) {
		write_desc(m, in);
	} else if (op < 0xa0) {
		offer(m, op & 1, (uint16_t)fuzz_take(in, 1));
	} else if (op < 0xb0) {
		virtio_serve(&m->n.device, op & 1);
	} else if (op < 0xd0) {
		peer_sends(m, (uint32_t)fuzz_take(in, op & 1 ? 1 : 3));
	} else if (op < 0xe0) {
		peer_reads(m);
	} else if (op < 0xe8) {
		resize(m, op & 1, (unsigned int)fuzz_take(in, 1));
	} else if (op < 0xf8) {
		m->n.watch.ready(&m->n.watch);
	} else {
		check(m);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t mac[ETHER_ADDR_SIZE] = { 2 };
	struct fuzz_input in = { data, size };
	static struct model m;
	struct gmem_region r = { .size = MEM_SIZE };
	struct ether *cable;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 0;
	if (ether_stream(pair[0], &cable, NULL))
		return 0;
	m = (struct model){ .peer = pair[1], .ram = calloc(1, MEM_SIZE) };
	r.host = m.ram;
	if (gmem_add(&m.mem, &r, NULL))
		return 0;
	virtio_net_init(&m.n, &m.mem, cable, mac);
	m.n.gone = on_gone;
	m.n.ctx = &m;
	m.n.device.host =
		(struct virtio_host){ on_kick, on_live, on_trouble, &m };
	m.n.device.interrupt = on_interrupt;
	for (int i = 0; i < FUZZ_STEPS_MAX && in.left > 0; i++)
		step(&m, &in);
	check(&m);
	ether_close(cable);
	close(m.peer);
	free(m.ram);
	return 0;
}
