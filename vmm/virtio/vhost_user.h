/* SPDX-License-Identifier: Apache-2.0 */
/* The front end of vhost-user: a virtio device whose queues a daemon serves. */
#ifndef VMM_VIRTIO_VHOST_USER_H
#define VMM_VIRTIO_VHOST_USER_H

#include <stdint.h>

#include "base/gmem.h"

#define VHOST_USER_REGIONS_MAX 8 /* of the protocol's memory table */

/**
 * struct vhost_user - connection to a daemon
 * @fd: stream socket, owned by the caller
 * @limit_ns: time that a daemon has for an answer
 * @until_ns: not 0: when the answers to several messages must all be there
 * @features: virtio features that the daemon offers
 * @protocol: vhost-user features in use
 * @queues: that the daemon serves at most; known only when it can tell
 *
 * Everything that comes from the daemon is hostile: sizes and kinds must be
 * the expected ones, descriptors are refused, an answer has a time limit. The
 * first fault makes the connection useless.
 */
struct vhost_user {
	int fd;
	uint64_t limit_ns;
	uint64_t until_ns;
	uint64_t features;
	uint64_t protocol;
	uint64_t queues;
};

/**
 * struct vhost_user_region - memory that the daemon maps
 * @gpa: where it is, in the one address space of addresses and rings
 * @size: bytes
 * @fd: shared memory
 * @offset: of @gpa in @fd
 */
struct vhost_user_region {
	gpa_t gpa;
	uint64_t size;
	int fd;
	uint64_t offset;
};

/**
 * struct vhost_user_ring - a virtqueue
 * @size: entries
 * @desc: descriptor table
 * @avail: the driver's ring
 * @used: the device's ring
 * @kick: eventfd that tells the daemon of buffers
 * @call: eventfd by which it tells of used ones
 */
struct vhost_user_ring {
	uint16_t size;
	gpa_t desc;
	gpa_t avail;
	gpa_t used;
	int kick;
	int call;
};

/**
 * vhost_user_open() - take the daemon and agree on the protocol
 * @u: fd and limit_ns are set; the rest is written
 * @queues: that the device needs
 * @e: what the daemon did wrong, or cannot do
 *
 * Return: 0 or -errno: -ETIMEDOUT, -EPROTO for a wrong answer, -ECONNRESET
 * when the daemon has gone. So do all functions below.
 */
int must_check vhost_user_open(struct vhost_user *u, unsigned int queues,
			       struct err *e);

/**
 * vhost_user_set_memory() - give the daemon memory
 * @u: open
 * @region: all that rings and buffers may lie in
 * @count: 1 .. VHOST_USER_REGIONS_MAX
 * @e: see vhost_user_open()
 *
 * The daemon learns guest-physical addresses only, never ours.
 *
 * Return: 0 or -errno.
 */
int must_check vhost_user_set_memory(const struct vhost_user *u,
				     const struct vhost_user_region *region,
				     unsigned int count, struct err *e);

/**
 * vhost_user_set_features() - tell what the driver accepted
 * @u: open
 * @features: some of u->features
 * @e: see vhost_user_open()
 *
 * Return: 0 or -errno.
 */
int must_check vhost_user_set_features(const struct vhost_user *u,
				       uint64_t features, struct err *e);

/**
 * vhost_user_start_ring() - hand a virtqueue to the daemon
 * @u: memory and features are set
 * @queue: its number
 * @ring: fresh: no entry was ever taken from it
 * @e: see vhost_user_open()
 *
 * Return: 0 or -errno.
 */
int must_check vhost_user_start_ring(const struct vhost_user *u,
				     unsigned int queue,
				     const struct vhost_user_ring *ring,
				     struct err *e);

/**
 * vhost_user_stop_ring() - take a virtqueue back
 * @u: the ring was started
 * @queue: its number
 * @e: see vhost_user_open()
 *
 * When it succeeds the daemon no longer touches the ring and its buffers.
 *
 * Return: 0 or -errno.
 */
int must_check vhost_user_stop_ring(const struct vhost_user *u,
				    unsigned int queue, struct err *e);

#endif
