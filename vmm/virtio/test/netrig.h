/* SPDX-License-Identifier: Apache-2.0 */
/* A network card between a driver and a peer, both played by the tests. */
#ifndef VMM_VIRTIO_TEST_NETRIG_H
#define VMM_VIRTIO_TEST_NETRIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "vmm/virtio/net.h"

#define BIT(n)   ((uint64_t)1 << (n))
#define MEM_SIZE (4u << 20)
#define SIZE     64u /* entries of a queue */
#define BUFFERS  0x100000u

enum {
	RX,
	TX
};

/* One queue in the driver's eyes; the parts of each lie in 64 KiB. */
struct ring {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t seen;
};

struct netrig {
	struct virtio_net n;
	struct gmem mem;
	uint8_t *ram;
	struct ring ring[2];
	int peer;
	unsigned int interrupts[VIRTIO_CONFIG + 1];
	unsigned int kicks;
	unsigned int troubles;
	unsigned int gone;
};

static inline void netrig_kick(void *ctx, struct virtio_device *d,
			       unsigned int queue)
{
	struct netrig *f = ctx;

	(void)d;
	(void)queue;
	f->kicks++;
}

static inline void netrig_live(void *ctx, struct virtio_device *d, bool on)
{
	(void)ctx;
	(void)d;
	(void)on;
}

static inline void netrig_trouble(void *ctx, struct virtio_device *d,
				  unsigned int queue, const char *why)
{
	struct netrig *f = ctx;

	(void)d;
	(void)queue;
	(void)why;
	f->troubles++;
}

static inline void netrig_interrupt(void *ctx, unsigned int queue)
{
	struct netrig *f = ctx;

	f->interrupts[queue]++;
}

static inline void netrig_gone(void *ctx, struct virtio_net *n)
{
	struct netrig *f = ctx;

	(void)n;
	f->gone++;
}

static inline int netrig_setup(void **state)
{
	const uint8_t mac[] = { 2, 0, 0, 0, 0, 7 };
	struct netrig *f = calloc(1, sizeof(*f));
	struct ether *cable;
	int pair[2];

	assert_non_null(f);
	f->ram = calloc(1, MEM_SIZE);
	assert_non_null(f->ram);
	assert_int_equal(gmem_add(&f->mem,
				  &(struct gmem_region){ .size = MEM_SIZE,
							 .host = f->ram },
				  NULL),
			 0);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->peer = pair[1];
	assert_int_equal(ether_stream(pair[0], &cable, NULL), 0);
	cable->mtu = 9000;
	virtio_net_init(&f->n, &f->mem, cable, mac);
	f->n.gone = netrig_gone;
	f->n.ctx = f;
	f->n.device.host = (struct virtio_host){ netrig_kick, netrig_live,
						 netrig_trouble, f };
	f->n.device.interrupt = netrig_interrupt;
	f->n.device.transport = f;
	*state = f;
	return 0;
}

static inline int netrig_teardown(void **state)
{
	struct netrig *f = *state;

	ether_close(f->n.cable);
	if (f->peer >= 0)
		close(f->peer);
	free(f->ram);
	free(f);
	return 0;
}

/* What a driver does before its first frame. */
static inline void netrig_begin(struct netrig *f, uint64_t features)
{
	struct virtio_device *d = &f->n.device;

	d->legacy = !(features & BIT(VIRTIO_F_VERSION_1));
	virtio_set_status(d,
			  VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	virtio_accept(d, 0, (uint32_t)features);
	virtio_accept(d, 1, (uint32_t)(features >> 32));
	if (!d->legacy)
		virtio_set_status(d, d->status | VIRTIO_CONFIG_S_FEATURES_OK);
	for (unsigned int i = 0; i < 2; i++) {
		struct virtq *q = &d->queue[i];
		gpa_t at = 0x10000 * (i + 1);

		q->size = SIZE;
		q->desc_at = at;
		q->avail_at = at + 0x4000;
		q->used_at = at + 0x8000;
		f->ring[i] = (struct ring){
			.desc = (void *)(f->ram + q->desc_at),
			.avail = (void *)(f->ram + q->avail_at),
			.used = (void *)(f->ram + q->used_at),
		};
		virtio_enable_queue(d, i);
	}
	virtio_set_status(d, d->status | VIRTIO_CONFIG_S_DRIVER_OK);
	assert_true(virtio_is_live(d));
}

static inline uint8_t *netrig_buffer(struct netrig *f, unsigned int slot)
{
	return f->ram + BUFFERS + slot * 0x10000;
}

/* A buffer of one piece in the ring. */
static inline void netrig_offer(struct netrig *f, unsigned int queue,
				unsigned int slot, uint32_t size)
{
	struct ring *r = &f->ring[queue];

	r->desc[slot] = (struct vring_desc){
		.addr = BUFFERS + slot * 0x10000,
		.len = size,
		.flags = queue == RX ? VRING_DESC_F_WRITE : 0,
	};
	r->avail->ring[r->avail->idx % SIZE] = (uint16_t)slot;
	r->avail->idx++;
}

/* The next buffer that the card gave back; -1 = none. */
static inline int netrig_returned(struct netrig *f, unsigned int queue,
				  uint32_t *ret_size)
{
	struct ring *r = &f->ring[queue];
	const struct vring_used_elem *e = &r->used->ring[r->seen % SIZE];

	if (ret_size)
		*ret_size = 0;
	if (r->used->idx == r->seen)
		return -1;
	r->seen++;
	if (ret_size)
		*ret_size = e->len;
	return (int)e->id;
}

static inline void netrig_peer_sends(struct netrig *f, size_t size,
				     uint8_t seed)
{
	static uint8_t record[4 + ETHER_FRAME_MAX];
	uint32_t be = htonl((uint32_t)size);

	memcpy(record, &be, sizeof(be));
	memset(record + 4, seed, size);
	assert_int_equal(write(f->peer, record, 4 + size), 4 + size);
}

static inline void netrig_come(struct netrig *f)
{
	f->n.watch.ready(&f->n.watch);
}

static inline size_t netrig_peer_gets(struct netrig *f, uint8_t *frame,
				      size_t room)
{
	uint32_t be;

	if (recv(f->peer, &be, sizeof(be), MSG_DONTWAIT) != sizeof(be))
		return 0;
	assert_true(ntohl(be) <= room);
	assert_int_equal(recv(f->peer, frame, ntohl(be), MSG_WAITALL),
			 ntohl(be));
	return ntohl(be);
}

#define MODERN BIT(VIRTIO_F_VERSION_1)
#define MERGE  (MODERN | BIT(VIRTIO_NET_F_MRG_RXBUF))

#endif
