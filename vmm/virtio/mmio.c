// SPDX-License-Identifier: Apache-2.0
// Transport virtio-mmio, version 2 (virtio 1.2, 4.2.2).
#include "vmm/virtio/mmio.h"

#include <linux/virtio_mmio.h>
#include <stddef.h>

#define MAGIC   0x74726976 /* "virt" */
#define VERSION 2
#define VENDOR  0x52564944 /* "DIVR" */

static void interrupt(void *transport, unsigned int queue)
{
	struct virtio_mmio *t = transport;
	uint32_t old = t->pending;

	t->pending |= queue == VIRTIO_CONFIG ? VIRTIO_MMIO_INT_CONFIG
					     : VIRTIO_MMIO_INT_VRING;
	if (!old)
		t->irq.set(t->irq.ctx, t->irq.gsi, 1);
}

static bool doorbell(void *transport, unsigned int queue,
		     struct virtio_doorbell *ret)
{
	const struct virtio_mmio *t = transport;

	*ret = (struct virtio_doorbell){
		.match = true,
		.addr = t->base + VIRTIO_MMIO_QUEUE_NOTIFY,
		.size = 4,
		.value = queue,
	};
	return true;
}

static void acknowledge(struct virtio_mmio *t, uint32_t bits)
{
	uint32_t old = t->pending;

	t->pending &= ~bits;
	if (old && !t->pending)
		t->irq.set(t->irq.ctx, t->irq.gsi, 0);
}

static struct virtq *selected(struct virtio_mmio *t)
{
	return t->selected < t->device->queues ? &t->device->queue[t->selected]
					       : NULL;
}

static uint32_t read_register(struct virtio_mmio *t, uint64_t offset)
{
	const struct virtq *q = selected(t);
	uint64_t features = virtio_offered(t->device);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return t->device->ops->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		if (t->device_half > 1)
			return 0;
		return (uint32_t)(features >> (t->device_half ? 32 : 0));
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return q ? q->size_max : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return q && q->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return t->pending;
	case VIRTIO_MMIO_STATUS:
		return t->device->status;
	case VIRTIO_MMIO_SHM_LEN_LOW: /* 4.2.2.1: all ones, no such region */
	case VIRTIO_MMIO_SHM_LEN_HIGH:
	case VIRTIO_MMIO_SHM_BASE_LOW:
	case VIRTIO_MMIO_SHM_BASE_HIGH:
		return UINT32_MAX;
	default: /* the generation, too: nothing ever changes */
		return 0;
	}
}

static void set_low(gpa_t *at, uint32_t value)
{
	*at = (*at & ~(gpa_t)UINT32_MAX) | value;
}

static void set_high(gpa_t *at, uint32_t value)
{
	*at = (*at & UINT32_MAX) | (gpa_t)value << 32;
}

/* A queue in use keeps its place. */
static void write_queue(struct virtio_mmio *t, uint64_t offset, uint32_t value)
{
	struct virtq *q = selected(t);

	if (!q)
		return;
	if (offset == VIRTIO_MMIO_QUEUE_READY && !(value & 1)) {
		virtio_disable_queue(t->device, t->selected);
		return;
	}
	if (q->ready)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		q->size = value > UINT16_MAX ? 0 : (uint16_t)value;
		return;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
		set_low(&q->desc_at, value);
		return;
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_high(&q->desc_at, value);
		return;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
		set_low(&q->avail_at, value);
		return;
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_high(&q->avail_at, value);
		return;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
		set_low(&q->used_at, value);
		return;
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_high(&q->used_at, value);
		return;
	case VIRTIO_MMIO_QUEUE_READY:
		virtio_enable_queue(t->device, t->selected);
		return;
	default:
		return;
	}
}

static void write_register(struct virtio_mmio *t, uint64_t offset,
			   uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		t->device_half = value;
		return;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		virtio_accept(t->device, t->driver_half, value);
		return;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		t->driver_half = value;
		return;
	case VIRTIO_MMIO_QUEUE_SEL:
		t->selected = value;
		return;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		virtio_notify(t->device, value);
		return;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		acknowledge(t, value);
		return;
	case VIRTIO_MMIO_STATUS:
		virtio_set_status(t->device, (uint8_t)value);
		if (value == 0)
			acknowledge(t, UINT32_MAX);
		return;
	default:
		write_queue(t, offset, value);
		return;
	}
}

/* 4.2.2.2: registers take aligned 32-bit accesses, the configuration any. */
static uint64_t mmio_read(void *dev, uint64_t offset, unsigned int size)
{
	struct virtio_mmio *t = dev;

	if (offset >= VIRTIO_MMIO_CONFIG)
		return virtio_read_config(t->device,
					  offset - VIRTIO_MMIO_CONFIG, size);
	return size == 4 && offset % 4 == 0 ? read_register(t, offset) : 0;
}

static void mmio_write(void *dev, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	if (offset < VIRTIO_MMIO_CONFIG && size == 4 && offset % 4 == 0)
		write_register(dev, offset, (uint32_t)value);
}

static const struct bus_ops ops = { .read = mmio_read, .write = mmio_write };

void virtio_mmio_attach(struct virtio_mmio *t, struct virtio_device *device,
			struct bus *mmio, uint64_t base,
			const struct irq_line *irq)
{
	*t = (struct virtio_mmio){
		.device = device,
		.irq = *irq,
		.base = base,
	};
	device->interrupt = interrupt;
	device->doorbell = doorbell;
	device->transport = t;
	bus_add(mmio, &(struct bus_range){ device->ops->name, base,
					   VIRTIO_MMIO_SIZE, &ops, t });
}
