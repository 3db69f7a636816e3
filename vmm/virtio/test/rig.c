// SPDX-License-Identifier: Apache-2.0
// A driver's view of virtio devices, for the tests.
#include "vmm/virtio/test/rig.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 1000

static void on_kick(void *ctx, struct virtio_device *d, unsigned int queue)
{
	struct rig *r = ctx;

	(void)d;
	r->kicked |= 1u << queue;
}

static void on_live(void *ctx, struct virtio_device *d, bool on)
{
	struct rig *r = ctx;

	(void)d;
	r->live = on;
}

static void on_trouble(void *ctx, struct virtio_device *d, unsigned int queue,
		       const char *why)
{
	struct rig *r = ctx;

	(void)d;
	(void)queue;
	r->troubles++;
	r->why = why;
}

static void set_irq(void *ctx, unsigned int gsi, int level)
{
	struct rig *r = ctx;

	(void)gsi;
	r->edges += level && !r->level;
	r->level = level;
}

static void on_msi(void *ctx, uint64_t address, uint32_t data)
{
	struct rig *r = ctx;

	r->messages++;
	r->address = address;
	r->data = data;
}

static void on_wire(void *ctx, unsigned int queue, uint64_t address,
		    uint32_t data)
{
	struct rig *r = ctx;

	r->wired[queue] = address;
	r->wired_data[queue] = data;
}

void rig_memory(struct rig *r)
{
	const struct gmem_region region = { .size = RIG_MEMORY,
					    .host = calloc(1, RIG_MEMORY) };

	memset(r, 0, sizeof(*r));
	r->ram = region.host;
	if (!r->ram || gmem_add(&r->mem, &region, NULL))
		abort();
}

void rig_free(struct rig *r)
{
	free(r->ram);
	r->ram = NULL;
}

static void connect_device(struct rig *r, struct virtio_device *d)
{
	r->device = d;
	d->host = (struct virtio_host){ on_kick, on_live, on_trouble, r };
}

void rig_attach_mmio(struct rig *r, struct virtio_device *d)
{
	const struct irq_line irq = { set_irq, r, RIG_IRQ };

	connect_device(r, d);
	virtio_mmio_attach(&r->mmio, d, &r->bus, RIG_MMIO, &irq);
}

void rig_attach_pci(struct rig *r, struct virtio_device *d)
{
	const struct virtio_pci_wires w = {
		.pio = &r->pio,
		.mmio = &r->bus,
		.irq = { set_irq, r, RIG_IRQ },
		.irq_number = RIG_IRQ,
		.msi = on_msi,
		.wire = on_wire,
		.ctx = r,
	};
	const uint64_t at[2] = { RIG_PORT, RIG_MEM };

	connect_device(r, d);
	pci_attach(&r->pci, &r->pio, &r->bus, 0xe0000000, NULL);
	virtio_pci_attach(&r->function, d, &r->pci, RIG_DEVICE, &w, at);
}

bool rig_serve(struct rig *r)
{
	for (unsigned int i = 0; i < ROUNDS_MAX && r->kicked; i++) {
		unsigned int queue = (unsigned int)__builtin_ctz(r->kicked);

		r->kicked &= ~(1u << queue);
		virtio_serve(r->device, queue);
	}
	return r->kicked == 0;
}

void rig_desc(struct rig *r, unsigned int at, struct vring_desc d)
{
	memcpy(r->ram + RIG_DESC + at * sizeof(d), &d, sizeof(d));
}

void rig_offer(struct rig *r, uint16_t head)
{
	struct vring_avail *avail = (void *)(r->ram + RIG_AVAIL);

	avail->ring[avail->idx % RIG_SIZE] = head;
	avail->idx++;
}

struct vring_used *rig_used(struct rig *r)
{
	return (void *)(r->ram + RIG_USED);
}
