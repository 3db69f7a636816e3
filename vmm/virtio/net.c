// SPDX-License-Identifier: Apache-2.0
// Network card (virtio 1.2, 5.1), without offloads.
#include "vmm/virtio/net.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <string.h>
#include <sys/epoll.h>

#include "vmm/virtio/iov.h"

#define BIT(n) ((uint64_t)1 << (n))

/* Of virtio_ops; the class is Ethernet. */
#define KIND                                                  \
	.name = "net", .id = VIRTIO_ID_NET, .pci_id = 0x1000, \
	.pci_class = 0x0200

#define CHAIN_MAX VIRTIO_NET_QUEUE_SIZE /* pieces */

enum {
	RX,
	TX,
	QUEUES
};

static struct virtio_net *of(struct virtio_device *d)
{
	return (struct virtio_net *)d;
}

/* The cable is of no use any more: link down, and nobody waits for it. */
static void lose(struct virtio_net *n, int error)
{
	struct virtio_device *d = &n->device;

	if (n->error)
		return;
	n->error = error;
	n->config.status = 0;
	if (virtio_is_live(d))
		d->interrupt(d->transport, VIRTIO_CONFIG);
	n->gone(n->ctx, n);
}

static void note(struct virtio_net *n, int rc)
{
	if (rc && rc != -EAGAIN)
		lose(n, rc);
}

static void send_chain(struct virtio_net *n, const struct virtq_chain *chain)
{
	struct iov v = { chain->iov, chain->readable };
	size_t size = iov_size(&v);

	if (size < n->header + ETHER_FRAME_MIN ||
	    size > n->header + ETHER_FRAME_MAX)
		return;
	iov_skip(&v, n->header);
	note(n, ether_send(n->cable, v.at, v.count, size - n->header));
}

/* Without a cable, what is sent is lost. */
static void serve_tx(struct virtio_net *n)
{
	struct virtq_chain chain = { .iov = n->iov, .max = CHAIN_MAX };
	bool room;

	while ((room = n->error || ether_room(n->cable)) &&
	       virtio_pop(&n->device, TX, &chain)) {
		if (!n->error)
			send_chain(n, &chain);
		virtq_push(&n->device.queue[TX], chain.head, 0);
	}
	if (n->error)
		return;
	n->full = ether_flush(n->cable) == -EAGAIN || !room;
}

enum taken {
	ENOUGH,
	NOT_YET,
	NEVER
};

static void forget(struct virtio_net_buffers *in)
{
	in->count = in->pieces = 0;
	in->size = 0;
}

/* One more chain; it must be good for a header at least. */
static enum taken take_one(struct virtio_net *n)
{
	struct virtio_net_buffers *in = &n->in;
	struct virtq_chain chain = { .iov = in->iov + in->pieces,
				     .max = CHAIN_MAX };
	struct iov v;

	if (!virtio_pop(&n->device, RX, &chain))
		return NOT_YET;
	v = (struct iov){ chain.iov, chain.writable };
	if (chain.readable || iov_size(&v) < n->header) {
		virtio_break(&n->device, RX,
			     "a receive buffer that is too small or cannot be "
			     "written");
		return NOT_YET;
	}
	in->head[in->count] = chain.head;
	in->room[in->count] = iov_size(&v);
	in->size += in->room[in->count];
	in->pieces += chain.writable;
	in->count++;
	return ENOUGH;
}

/* What is taken stays taken when it is not enough yet. */
static enum taken take(struct virtio_net *n, size_t need)
{
	bool merge = n->device.accepted & BIT(VIRTIO_NET_F_MRG_RXBUF);
	unsigned int most = merge ? n->device.queue[RX].size : 1;
	struct virtio_net_buffers *in = &n->in;
	enum taken taken = ENOUGH;

	while (in->size < need && taken == ENOUGH) {
		if (in->count >= most || in->pieces > CHAIN_MAX) {
			virtq_unpop(&n->device.queue[RX], in->count);
			forget(in);
			return NEVER;
		}
		taken = take_one(n);
	}
	return taken;
}

/* False: there is no buffer for it now. */
static bool receive(struct virtio_net *n, const uint8_t *frame, size_t size)
{
	struct virtio_net_hdr_mrg_rxbuf header = { .num_buffers = 0 };
	struct virtio_net_buffers *in = &n->in;
	struct virtq *q = &n->device.queue[RX];
	size_t left = n->header + size;
	enum taken taken = take(n, left);
	struct iov v = { in->iov, in->pieces };

	/* A frame that is too large for the driver is lost. */
	if (taken != ENOUGH)
		return taken == NEVER;
	header.num_buffers = (uint16_t)in->count;
	iov_put(&v, &header, n->header);
	iov_put(&v, frame, size);
	for (unsigned int i = 0; i < in->count; i++) {
		size_t part = left < in->room[i] ? left : in->room[i];

		virtq_fill(q, i, in->head[i], (uint32_t)part);
		left -= part;
	}
	/* At once: the driver does not wait for the rest of a frame. */
	virtq_give(q, in->count);
	forget(in);
	return true;
}

/* Until there is no frame, or no buffer: then the driver will notify. */
static void serve_rx(struct virtio_net *n)
{
	const uint8_t *frame;
	size_t size;
	int rc = n->error;

	while (!rc && !(rc = ether_peek(n->cable, &frame, &size))) {
		if (!receive(n, frame, size))
			return;
		ether_drop(n->cable);
	}
	note(n, rc);
}

static void net_serve(struct virtio_device *d, unsigned int queue)
{
	if (queue == RX)
		serve_rx(of(d));
	else
		serve_tx(of(d));
}

/* 5.1.6.1: legacy drivers know num_buffers only with mergeable buffers. */
static void net_start(struct virtio_device *d)
{
	bool with_count = d->accepted & (BIT(VIRTIO_F_VERSION_1) |
					 BIT(VIRTIO_NET_F_MRG_RXBUF));

	of(d)->header = with_count ? sizeof(struct virtio_net_hdr_mrg_rxbuf)
				   : sizeof(struct virtio_net_hdr);
}

static void net_stop(struct virtio_device *d)
{
	/* Where only the other queue is taken back they are taken again. */
	virtq_unpop(&d->queue[RX], of(d)->in.count);
	forget(&of(d)->in);
}

/*
 * Edges, not levels: each queue is served until the cable or the driver has
 * no more, and both say when they have. What comes before the driver waits;
 * that nothing more will come is news at any time.
 */
static void on_edge(struct loop_watch *w)
{
	struct virtio_net *n =
		(void *)((char *)w - offsetof(struct virtio_net, watch));
	const uint8_t *frame;
	size_t size;

	if (n->full)
		virtio_serve(&n->device, TX);
	if (virtio_is_live(&n->device))
		virtio_serve(&n->device, RX);
	else if (!n->error)
		note(n, ether_peek(n->cable, &frame, &size));
}

/* --- with vhost-net --- */

static void vhost_check(struct virtio_net *n, int rc)
{
	if (!rc)
		return;
	vhost_net_stop(&n->vhost);
	lose(n, rc);
}

static void vhost_start(struct virtio_device *d)
{
	if (!of(d)->error)
		vhost_check(of(d), vhost_net_start(&of(d)->vhost));
}

static void vhost_moved(struct virtio_device *d, unsigned int queue)
{
	if (!of(d)->error)
		vhost_check(of(d), vhost_net_move(&of(d)->vhost, queue));
}

static void vhost_stop(struct virtio_device *d)
{
	vhost_net_stop(&of(d)->vhost);
}

static void on_news(struct loop_watch *w)
{
	struct virtio_net *n =
		(void *)((char *)w - offsetof(struct virtio_net, watch));

	if (vhost_net_lost(&n->vhost))
		vhost_check(n, -EBADFD);
}

void virtio_net_use_vhost(struct virtio_net *n, int fd)
{
	static const struct virtio_ops ops = {
		KIND,
		.start = vhost_start,
		.stop = vhost_stop,
		.moved = vhost_moved,
	};

	if (!vhost_net_init(&n->vhost, &n->device, fd, n->cable->fd)) {
		vhost_net_close(&n->vhost);
		return;
	}
	n->device.ops = &ops;
	n->watch = (struct loop_watch){ n->vhost.news, EPOLLIN, on_news };
}

int virtio_net_watch(struct virtio_net *n, struct loop *l, struct err *e)
{
	int rc = loop_add(l, &n->watch, e);

	return rc || n->vhost.fd < 0 ? rc : vhost_net_watch(&n->vhost, l, e);
}

void virtio_net_init(struct virtio_net *n, const struct gmem *mem,
		     struct ether *cable, const uint8_t mac[ETHER_ADDR_SIZE])
{
	static const struct virtio_ops ops = {
		KIND,
		.start = net_start,
		.stop = net_stop,
		.serve = net_serve,
	};

	*n = (struct virtio_net){
		.cable = cable,
		.vhost.fd = -1,
		.watch = { .fd = cable->fd,
			   .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
			   .ready = on_edge },
		.config = { .status = VIRTIO_NET_S_LINK_UP, .mtu = cable->mtu },
	};
	memcpy(n->config.mac, mac, ETHER_ADDR_SIZE);
	virtio_init(&n->device, &ops, mem, QUEUES, VIRTIO_NET_QUEUE_SIZE);
	n->device.offered |= BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) |
			     BIT(VIRTIO_NET_F_MRG_RXBUF);
	if (cable->mtu)
		n->device.offered |= BIT(VIRTIO_NET_F_MTU);
	n->device.config = &n->config;
	n->device.config_size = offsetof(struct virtio_net_config, speed);
}
