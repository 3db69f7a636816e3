/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio device whose requests a vhost-user daemon serves. */
#ifndef VMM_VIRTIO_VHOST_H
#define VMM_VIRTIO_VHOST_H

#include "vmm/virtio/device.h"
#include "vmm/virtio/vhost_user.h"

#define VHOST_QUEUE_SIZE 1024
#define VHOST_QUEUES_MAX 2

/**
 * struct vhost_queue - one queue on its way to the daemon
 * @kick: eventfd: look at the queue, daemon
 * @call: eventfd: look at the queue, dive; the I/O thread waits for it
 * @avail: ring of its own that the daemon reads
 * @used: ring that it writes
 * @size: entries of both
 * @given: entries put into @avail, modulo 2^16
 * @passed: entries of @used passed on to the driver, modulo 2^16
 * @running: the daemon has the queue
 * @open: chains that the daemon has, by their heads
 */
struct vhost_queue {
	int kick;
	int call;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t size;
	uint16_t given;
	uint16_t passed;
	bool running;
	bool open[VHOST_QUEUE_SIZE];
};

/**
 * struct vhost - a device; embedded in a device of some kind
 * @dev: what the transport sees; first
 * @link: to the daemon
 * @alive: the daemon serves; else every request is refused
 * @rings_fd: shared memory with the daemon's rings
 * @rings: the same here
 * @queue: the queues
 * @refuse: answer a request without a daemon; returns the bytes written
 * @lost: the daemon failed, once; no request waits for it any more. It must be
 *	killed before this returns, or it would go on writing into memory
 * @ctx: passed to @lost
 *
 * The daemon has rings of its own and sees the guest's memory only where
 * descriptors point. So it can be checked, and when it dies it is known which
 * requests are unanswered: Linux would wait for them for ever, whatever the
 * status of the device says.
 */
struct vhost {
	struct virtio_device dev;
	struct vhost_user link;
	bool alive;
	int rings_fd;
	uint8_t *rings;
	struct vhost_queue queue[VHOST_QUEUES_MAX];
	uint32_t (*refuse)(const struct virtq_chain *chain);
	void (*lost)(void *ctx, struct vhost *v, const char *why);
	void *ctx;
};

/**
 * vhost_init() - a device without a daemon
 * @v: overwritten
 * @ops: kind, with vhost_start(), vhost_stop() and vhost_serve()
 * @mem: borrowed
 * @queues: at most VHOST_QUEUES_MAX
 */
void vhost_init(struct vhost *v, const struct virtio_ops *ops,
		const struct gmem *mem, unsigned int queues);

/**
 * vhost_connect() - take the daemon into service
 * @v: refuse, lost and ctx are set
 * @socket: to the daemon; borrowed
 * @region: the guest's memory
 * @count: entries of @region, below VHOST_USER_REGIONS_MAX
 * @e: why not; names what the daemon did
 *
 * Call it before the driver can see the device.
 *
 * Return: 0 or -errno.
 */
int must_check vhost_connect(struct vhost *v, int socket,
			     const struct vhost_user_region *region,
			     unsigned int count, struct err *e);

/**
 * vhost_start() - virtio_ops.start: hand the queues over
 * @d: the device in a struct vhost
 */
void vhost_start(struct virtio_device *d);

/**
 * vhost_stop() - virtio_ops.stop: take the queues back
 * @d: the device in a struct vhost
 */
void vhost_stop(struct virtio_device *d);

/**
 * vhost_serve() - virtio_ops.serve: pass requests on, or refuse them
 * @d: the device in a struct vhost
 * @queue: below d->queues
 */
void vhost_serve(struct virtio_device *d, unsigned int queue);

/**
 * vhost_called() - the daemon's call descriptor is readable
 * @v: device; the machine's lock is held
 * @queue: below v->dev.queues
 */
void vhost_called(struct vhost *v, unsigned int queue);

/**
 * vhost_lose() - do without the daemon from now on
 * @v: device; the machine's lock is held. Nothing happens the second time
 * @why: for people
 */
void vhost_lose(struct vhost *v, const char *why);

/**
 * vhost_free() - close what vhost_connect() opened
 * @v: connected or not; the driver does not run any more
 */
void vhost_free(struct vhost *v);

#endif
