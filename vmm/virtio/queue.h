/* SPDX-License-Identifier: Apache-2.0 */
/* A split virtqueue, the device's end of it (virtio 1.2, 2.7). */
#ifndef VMM_VIRTIO_QUEUE_H
#define VMM_VIRTIO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/gmem.h"

struct vring_desc;
struct vring_avail;
struct vring_used;

/**
 * struct virtq - one queue
 * @size_max: entries that the device offers, a power of two
 * @size: entries that the driver chose
 * @desc_at: descriptor table
 * @avail_at: the driver's ring
 * @used_at: the device's ring
 * @ready: enabled by the driver; the rest is valid
 * @event_idx: VIRTIO_F_EVENT_IDX was accepted
 * @indirect: VIRTIO_F_INDIRECT_DESC was accepted
 * @mem: where addresses point
 * @desc: @desc_at here; shared with the guest, like the next two
 * @avail: @avail_at here
 * @used: @used_at here
 * @taken: entries of the driver's ring taken so far, modulo 2^16
 * @given: entries of the device's ring filled so far, modulo 2^16
 * @signalled: @given when the driver was last asked whether to interrupt it
 * @broken: what the driver did wrong, static string; NULL = nothing
 *
 * The driver is hostile: every value it can write is read once, checked, and
 * only then used; a wrong one breaks the queue for good.
 */
struct virtq {
	uint16_t size_max;
	uint16_t size;
	gpa_t desc_at;
	gpa_t avail_at;
	gpa_t used_at;
	bool ready;
	bool event_idx;
	bool indirect;
	const struct gmem *mem;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t taken;
	uint16_t given;
	uint16_t signalled;
	const char *broken;
};

/**
 * struct virtq_chain - one request of the driver
 * @iov: caller's: first what the device reads, then what it writes; the guest
 *	may change the bytes at any time
 * @max: entries of @iov; a longer chain breaks the queue
 * @readable: entries that the device reads
 * @writable: entries behind them that it writes
 * @head: names the chain in virtq_push()
 */
struct virtq_chain {
	struct iovec *iov;
	unsigned int max;
	unsigned int readable;
	unsigned int writable;
	uint16_t head;
};

/**
 * virtq_enable() - begin to use the rings
 * @q: size, addresses, event_idx and indirect are set
 * @mem: memory that the device may read and write; borrowed
 *
 * Return: false when size, alignment or addresses are wrong; @q is broken.
 */
bool virtq_enable(struct virtq *q, const struct gmem *mem);

/**
 * virtq_reset() - forget everything but what the device offers
 * @q: afterwards no memory of the guest is used
 */
void virtq_reset(struct virtq *q);

/**
 * virtq_take() - take the next chain without a look into it
 * @q: see virtq_pop()
 * @ret_head: names the chain; below q->size
 *
 * Return: true when there was one. False: none there, or @q broke.
 */
bool virtq_take(struct virtq *q, uint16_t *ret_head);

/**
 * virtq_walk() - look into a chain that was taken
 * @q: queue it was taken from
 * @chain: iov, max and head are set; the rest is written
 *
 * Every descriptor is copied once; a chain has at most as many as the queue
 * has entries, an indirect table included.
 *
 * Return: false when @q is, or becomes, broken.
 */
bool virtq_walk(struct virtq *q, struct virtq_chain *chain);

/**
 * virtq_pop() - virtq_take() and virtq_walk()
 * @q: any state; nothing comes from one that is not ready or broken
 * @chain: iov and max are set; the rest is written
 *
 * Return: true when there was one. False: none there, or @q broke.
 */
bool virtq_pop(struct virtq *q, struct virtq_chain *chain);

/**
 * virtq_unpop() - leave the last chains where they were
 * @q: queue
 * @count: how many virtq_pop() took since the last virtq_push()
 */
void virtq_unpop(struct virtq *q, unsigned int count);

/**
 * virtq_fill() - prepare to give a chain back
 * @q: queue it was taken from; ignored when that is no longer ready
 * @ahead: how many were prepared since the last virtq_give()
 * @head: see virtq_chain
 * @written: bytes written from the start of the writable part
 */
void virtq_fill(struct virtq *q, unsigned int ahead, uint16_t head,
		uint32_t written);

/**
 * virtq_give() - give back all that was prepared, at once
 * @q: see virtq_fill()
 * @count: how many
 */
void virtq_give(struct virtq *q, unsigned int count);

/**
 * virtq_push() - give a chain back
 * @q: queue it was taken from; ignored when that is no longer ready
 * @head: see virtq_chain
 * @written: bytes written from the start of the writable part
 */
void virtq_push(struct virtq *q, uint16_t head, uint32_t written);

/**
 * virtq_wants_interrupt() - ask the driver after one or several virtq_push()
 * @q: queue
 *
 * Return: true when it wants to be told.
 */
bool virtq_wants_interrupt(struct virtq *q);

/**
 * virtq_disarm() - tell the driver not to notify
 * @q: queue that is being looked at anyway; a hint
 */
void virtq_disarm(struct virtq *q);

/**
 * virtq_arm() - tell the driver to notify
 * @q: queue
 *
 * Return: true when something has come meanwhile: look again.
 */
bool virtq_arm(struct virtq *q);

#endif
