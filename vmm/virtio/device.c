// SPDX-License-Identifier: Apache-2.0
// What is common to all virtio devices (virtio 1.2, 2 and 3).
#include "vmm/virtio/device.h"

#include <assert.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stddef.h>

#define BIT(n) ((uint64_t)1 << (n))

/* Of the ring; VIRTIO_F_ANY_LAYOUT is for legacy drivers. */
#define RING_FEATURES                                                      \
	(BIT(VIRTIO_RING_F_INDIRECT_DESC) | BIT(VIRTIO_RING_F_EVENT_IDX) | \
	 BIT(VIRTIO_F_ANY_LAYOUT))

/* What the driver may set; the rest of the status is the device's. */
#define DRIVER_STATUS                                           \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
	 VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_FAILED)

void virtio_init(struct virtio_device *d, const struct virtio_ops *ops,
		 const struct gmem *mem, unsigned int queues, uint16_t size)
{
	assert(queues <= VIRTIO_QUEUES_MAX && size && !(size & (size - 1)));
	*d = (struct virtio_device){
		.ops = ops,
		.mem = mem,
		.offered = RING_FEATURES,
		.queues = queues,
	};
	for (unsigned int i = 0; i < queues; i++) {
		d->queue[i].size_max = size;
		d->call[i] = -1;
		virtq_reset(&d->queue[i]);
	}
}

uint64_t virtio_offered(const struct virtio_device *d)
{
	return d->offered | BIT(VIRTIO_F_VERSION_1);
}

void virtio_accept(struct virtio_device *d, uint32_t half, uint32_t bits)
{
	uint64_t mask = (uint64_t)UINT32_MAX << (half ? 32 : 0);

	if (half > 1 || (d->status & (VIRTIO_CONFIG_S_FEATURES_OK |
				      VIRTIO_CONFIG_S_DRIVER_OK)))
		return;
	d->accepted = (d->accepted & ~mask) | (uint64_t)bits << (half ? 32 : 0);
}

static void reset(struct virtio_device *d)
{
	if (d->status & VIRTIO_CONFIG_S_DRIVER_OK) {
		d->host.live(d->host.ctx, d, false);
		if (d->ops->stop)
			d->ops->stop(d);
	}
	for (unsigned int i = 0; i < d->queues; i++)
		virtq_reset(&d->queue[i]);
	d->accepted = 0;
	d->legacy = false;
	d->status = 0;
}

static void set_ring_features(struct virtio_device *d, struct virtq *q)
{
	q->event_idx = d->accepted & BIT(VIRTIO_RING_F_EVENT_IDX);
	q->indirect = d->accepted & BIT(VIRTIO_RING_F_INDIRECT_DESC);
}

/* 3.1.1: a modern driver reads back whether its choice will do. */
static bool features_will_do(const struct virtio_device *d)
{
	return !(d->accepted & ~virtio_offered(d)) &&
	       (d->accepted & BIT(VIRTIO_F_VERSION_1));
}

static void start(struct virtio_device *d)
{
	if (d->legacy)
		d->accepted &= d->offered;
	d->status |= VIRTIO_CONFIG_S_DRIVER_OK;
	for (unsigned int i = 0; i < d->queues; i++) {
		set_ring_features(d, &d->queue[i]);
		if (d->queue[i].broken)
			virtio_break(d, i, d->queue[i].broken);
	}
	if (d->ops->start)
		d->ops->start(d);
	d->host.live(d->host.ctx, d, true);
	/* What came before counts, too. */
	for (unsigned int i = 0; i < d->queues; i++)
		virtio_notify(d, i);
}

void virtio_set_status(struct virtio_device *d, uint8_t value)
{
	uint8_t fresh = value & (uint8_t)~d->status;

	if (value == 0) {
		reset(d);
		return;
	}
	d->status |=
		fresh & DRIVER_STATUS & (uint8_t)~VIRTIO_CONFIG_S_DRIVER_OK;
	if ((fresh & VIRTIO_CONFIG_S_FEATURES_OK) && features_will_do(d))
		d->status |= VIRTIO_CONFIG_S_FEATURES_OK;
	if ((fresh & VIRTIO_CONFIG_S_DRIVER_OK) &&
	    (d->legacy || (d->status & VIRTIO_CONFIG_S_FEATURES_OK)))
		start(d);
}

/* Not what a driver should do while the device runs, but it can. */
static void moved(struct virtio_device *d, unsigned int queue)
{
	if ((d->status & VIRTIO_CONFIG_S_DRIVER_OK) && d->ops->moved)
		d->ops->moved(d, queue);
}

void virtio_enable_queue(struct virtio_device *d, unsigned int queue)
{
	assert(queue < d->queues);
	set_ring_features(d, &d->queue[queue]);
	if (!virtq_enable(&d->queue[queue], d->mem) &&
	    (d->status & VIRTIO_CONFIG_S_DRIVER_OK))
		virtio_break(d, queue, d->queue[queue].broken);
	moved(d, queue);
}

/* Chains that were taken lie in memory that the driver may use again. */
void virtio_disable_queue(struct virtio_device *d, unsigned int queue)
{
	assert(queue < d->queues);
	if ((d->status & VIRTIO_CONFIG_S_DRIVER_OK) && d->queue[queue].ready &&
	    d->ops->stop && !d->ops->moved)
		d->ops->stop(d);
	virtq_reset(&d->queue[queue]);
	moved(d, queue);
}

bool virtio_is_live(const struct virtio_device *d)
{
	return (d->status & VIRTIO_CONFIG_S_DRIVER_OK) &&
	       !(d->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

void virtio_notify(struct virtio_device *d, uint32_t queue)
{
	if (queue < d->queues && virtio_is_live(d) && d->queue[queue].ready)
		d->host.kick(d->host.ctx, d, queue);
}

uint64_t virtio_read_config(const struct virtio_device *d, uint64_t offset,
			    unsigned int size)
{
	const uint8_t *from = d->config;
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		if (offset + i < d->config_size)
			value |= (uint64_t)from[offset + i] << (8 * i);
	return value;
}

void virtio_break(struct virtio_device *d, unsigned int queue, const char *why)
{
	d->queue[queue].broken = why;
	if (d->status & VIRTIO_CONFIG_S_NEEDS_RESET)
		return;
	d->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	d->host.trouble(d->host.ctx, d, queue, why);
	if ((d->status & VIRTIO_CONFIG_S_DRIVER_OK) && !d->legacy)
		d->interrupt(d->transport, VIRTIO_CONFIG);
}

void virtio_interrupt(struct virtio_device *d, unsigned int queue)
{
	if (virtq_wants_interrupt(&d->queue[queue]))
		d->interrupt(d->transport, queue);
}

bool virtio_take(struct virtio_device *d, unsigned int queue,
		 uint16_t *ret_head)
{
	if (d->budget == 0)
		return false;
	d->budget--;
	if (virtq_take(&d->queue[queue], ret_head))
		return true;
	d->drained = true;
	return false;
}

bool virtio_pop(struct virtio_device *d, unsigned int queue,
		struct virtq_chain *chain)
{
	return virtio_take(d, queue, &chain->head) &&
	       virtq_walk(&d->queue[queue], chain);
}

void virtio_serve(struct virtio_device *d, unsigned int queue)
{
	struct virtq *q = &d->queue[queue];

	if (!virtio_is_live(d) || !q->ready)
		return;
	d->budget = q->size;
	d->drained = false;
	virtq_disarm(q);
	d->ops->serve(d, queue);
	if (q->broken) {
		virtio_break(d, queue, q->broken);
		return;
	}
	virtio_interrupt(d, queue);
	if (d->drained ? virtq_arm(q) : d->budget == 0)
		d->host.kick(d->host.ctx, d, queue);
}
