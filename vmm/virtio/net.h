/* SPDX-License-Identifier: Apache-2.0 */
/* Network card (virtio 1.2, 5.1), without offloads. */
#ifndef VMM_VIRTIO_NET_H
#define VMM_VIRTIO_NET_H

#include <linux/virtio_net.h>

#include "vmm/net/ether.h"
#include "vmm/virtio/device.h"
#include "vmm/virtio/vhost_net.h"

#define VIRTIO_NET_QUEUE_SIZE 256

/**
 * struct virtio_net_buffers - chains of the driver, taken for one frame
 * @count: how many
 * @pieces: entries of @iov
 * @size: bytes that they have room for
 * @head: names of the chains
 * @room: bytes of each
 * @iov: pieces of all, one chain behind the other
 */
struct virtio_net_buffers {
	unsigned int count;
	unsigned int pieces;
	size_t size;
	uint16_t head[VIRTIO_NET_QUEUE_SIZE];
	size_t room[VIRTIO_NET_QUEUE_SIZE];
	struct iovec iov[2 * VIRTIO_NET_QUEUE_SIZE];
};

/**
 * struct virtio_net - a network card; embedded in the machine, never moved
 * @device: what all have
 * @config: what the driver sees
 * @cable: the other end is on the host; borrowed
 * @vhost: the host serves the queues, if it can
 * @watch: for the I/O thread
 * @error: why the cable is of no use any more, -errno; 0 = it is
 * @gone: called once when that happens, with the machine's lock held, on any
 *	thread; the guest has been told
 * @ctx: passed to @gone
 * @header: bytes before each frame in a buffer
 * @full: frames wait for the cable
 * @in: what the next frame will be received in, not enough yet
 * @iov: pieces of what is being sent
 */
struct virtio_net {
	struct virtio_device device;
	struct virtio_net_config config;
	struct ether *cable;
	struct vhost_net vhost;
	struct loop_watch watch;
	int error;
	void (*gone)(void *ctx, struct virtio_net *n);
	void *ctx;
	size_t header;
	bool full;
	struct virtio_net_buffers in;
	struct iovec iov[VIRTIO_NET_QUEUE_SIZE];
};

/**
 * virtio_net_init() - a card with a cable
 * @n: overwritten; gone and ctx are set by the caller afterwards
 * @mem: memory that it may use; borrowed
 * @cable: borrowed
 * @mac: its address
 */
void virtio_net_init(struct virtio_net *n, const struct gmem *mem,
		     struct ether *cable, const uint8_t mac[ETHER_ADDR_SIZE]);

/**
 * virtio_net_use_vhost() - have the host serve the queues, if it can
 * @n: card with a cable; before a driver may see it, and before n->watch is
 *	waited for
 * @fd: /dev/vhost-net, owned from here on; -1 = there is none
 */
void virtio_net_use_vhost(struct virtio_net *n, int fd);

/**
 * virtio_net_watch() - have the I/O thread hear the host
 * @n: card
 * @l: loop
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check virtio_net_watch(struct virtio_net *n, struct loop *l,
				struct err *e);

#endif
