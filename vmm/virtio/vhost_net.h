/* SPDX-License-Identifier: Apache-2.0 */
/* A network card at a tap whose queues the host's kernel serves: vhost-net. */
#ifndef VMM_VIRTIO_VHOST_NET_H
#define VMM_VIRTIO_VHOST_NET_H

#include "vmm/virtio/device.h"
#include "vmm/virtio/loop.h"

#define VHOST_NET_QUEUES 2

/**
 * struct vhost_net_event - what vhost-net has to say of a queue
 * @watch: eventfd for the I/O thread
 * @device: the card
 * @queue: number
 */
struct vhost_net_event {
	struct loop_watch watch;
	struct virtio_device *device;
	unsigned int queue;
};

/**
 * struct vhost_net - the host's part of a card
 * @fd: /dev/vhost-net; -1 = the card is served by dive
 * @tap: the other end; borrowed
 * @news: tells of changes of the host's interfaces
 * @owned: vhost-net knows the guest's memory
 * @running: queues that vhost-net has
 * @call: of each queue: buffers came back; see virtio_device.call
 * @error: of each queue: the driver did what cannot be
 *
 * Between the driver and vhost-net there is nobody: it reads the rings in the
 * guest's memory, waits for virtio_device.kick and makes the header of a frame.
 * It may touch what struct gmem has, and hears of rings that virtq_enable() has
 * checked.
 */
struct vhost_net {
	int fd;
	int tap;
	int news;
	bool owned;
	bool running[VHOST_NET_QUEUES];
	struct vhost_net_event call[VHOST_NET_QUEUES];
	struct vhost_net_event error[VHOST_NET_QUEUES];
};

/**
 * vhost_net_init() - prepare a hand-over
 * @v: overwritten
 * @d: the card, with VHOST_NET_QUEUES queues
 * @fd: /dev/vhost-net, owned from here on; -1 = the host has none
 * @tap: borrowed; its frames have no header
 *
 * Return: can the host serve the card; vhost_net_close() in both cases.
 */
bool vhost_net_init(struct vhost_net *v, struct virtio_device *d, int fd,
		    int tap);

/**
 * vhost_net_watch() - have the I/O thread hear vhost-net
 * @v: as vhost_net_init() left it
 * @l: loop
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check vhost_net_watch(struct vhost_net *v, struct loop *l,
			       struct err *e);

/**
 * vhost_net_start() - the driver is ready: hand over the queues
 * @v: vhost_net_init() was true; the lock is held, as for all below
 *
 * Return: 0; -errno when the host refuses, vhost_net_stop() follows.
 */
int must_check vhost_net_start(struct vhost_net *v);

/**
 * vhost_net_move() - a queue is elsewhere, or nowhere, since vhost_net_start()
 * @v: see vhost_net_start()
 * @queue: number
 *
 * Return: as vhost_net_start().
 */
int must_check vhost_net_move(struct vhost_net *v, unsigned int queue);

/**
 * vhost_net_stop() - take the queues back
 * @v: see vhost_net_start()
 *
 * On return the host uses neither rings nor buffers.
 */
void vhost_net_stop(struct vhost_net *v);

/**
 * vhost_net_lost() - has the tap gone
 * @v: see vhost_net_start(); news was readable and is read
 *
 * Return: true when it has: vhost-net itself would go on in silence.
 */
bool vhost_net_lost(const struct vhost_net *v);

/**
 * vhost_net_close() - release what vhost_net_init() took
 * @v: stopped
 */
void vhost_net_close(struct vhost_net *v);

#endif
