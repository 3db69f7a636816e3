// SPDX-License-Identifier: Apache-2.0
// Virtio over PCI: configuration space, BARs and interrupts (virtio 1.2, 4.1).
#include "vmm/virtio/pci.h"

#include <linux/virtio_pci.h>
#include <stddef.h>
#include <string.h>

#include "vmm/virtio/pci_layout.h"

#define VENDOR        0x1af4
#define MODERN_DEVICE 0x1040
#define MODERN_SUB_ID 0x1100

#define COMMAND_IO     0x1u
#define COMMAND_MEMORY 0x2u
#define COMMAND_MASTER 0x4u
#define COMMAND_NOINTX 0x400u
#define STATUS_INTX    0x8u
#define STATUS_CAPS    0x10u

/* Capabilities, one behind the other. */
#define CAP_MSIX      0x40u
#define CAP_COMMON    0x50u
#define CAP_NOTIFY    0x60u
#define CAP_ISR       0x74u
#define CAP_ACCESS    0x84u /* VIRTIO_PCI_CAP_PCI_CFG */
#define CAP_DEVICE    0x98u
#define ID_MSIX       0x11u
#define ID_VENDOR     0x09u
#define MSIX_FLAGS    (CAP_MSIX + 2)
#define MSIX_ENABLE   0x8000u
#define MSIX_MASK_ALL 0x4000u
#define ACCESS_BAR    (CAP_ACCESS + VIRTIO_PCI_CAP_BAR)
#define ACCESS_OFFSET (CAP_ACCESS + VIRTIO_PCI_CAP_OFFSET)
#define ACCESS_LENGTH (CAP_ACCESS + VIRTIO_PCI_CAP_LENGTH)
#define ACCESS_DATA   (CAP_ACCESS + 16)

/* --- interrupts --- */

bool virtio_pci_msix(const struct virtio_pci *t)
{
	return pci_get(&t->pci, MSIX_FLAGS, 2) & MSIX_ENABLE;
}

static void update_line(struct virtio_pci *t)
{
	uint32_t command = pci_get(&t->pci, PCI_CFG_COMMAND, 2);
	int level =
		t->isr && !(command & COMMAND_NOINTX) && !virtio_pci_msix(t);

	pci_set(&t->pci, PCI_CFG_STATUS, 2,
		STATUS_CAPS | (t->isr ? STATUS_INTX : 0));
	if (level == t->line)
		return;
	t->line = level;
	t->w.irq.set(t->w.irq.ctx, t->w.irq.gsi, level);
}

uint8_t virtio_pci_read_isr(struct virtio_pci *t)
{
	uint8_t isr = t->isr;

	t->isr = 0;
	update_line(t);
	return isr;
}

static bool is_open(const struct virtio_pci *t, unsigned int vector)
{
	uint32_t flags = pci_get(&t->pci, MSIX_FLAGS, 2);

	return vector < VIRTIO_PCI_VECTORS &&
	       (flags & (MSIX_ENABLE | MSIX_MASK_ALL)) == MSIX_ENABLE &&
	       !(t->table[vector][MSIX_CONTROL] & MSIX_MASKED);
}

static uint64_t address_of(const struct virtio_pci *t, unsigned int vector)
{
	const uint32_t *e = t->table[vector];

	return e[MSIX_ADDR] | (uint64_t)e[MSIX_ADDR_HI] << 32;
}

static void send_pending(struct virtio_pci *t)
{
	for (unsigned int i = 0; i < VIRTIO_PCI_VECTORS; i++) {
		if (!(t->pending & 1u << i) || !is_open(t, i))
			continue;
		t->pending &= ~(1u << i);
		t->w.msi(t->w.ctx, address_of(t, i), t->table[i][MSIX_DATA]);
	}
}

void virtio_pci_deliver(struct virtio_pci *t)
{
	send_pending(t);
	for (unsigned int i = 0; i < t->device->queues; i++) {
		unsigned int v = t->vector[i];

		if (is_open(t, v))
			t->w.wire(t->w.ctx, i, address_of(t, v),
				  t->table[v][MSIX_DATA]);
		else
			t->w.wire(t->w.ctx, i, 0, 0);
	}
}

static void interrupt(void *transport, unsigned int queue)
{
	struct virtio_pci *t = transport;

	if (virtio_pci_msix(t)) {
		if (t->vector[queue] >= VIRTIO_PCI_VECTORS)
			return;
		t->pending |= 1u << t->vector[queue];
		send_pending(t);
		return;
	}
	t->isr |= queue == VIRTIO_CONFIG ? VIRTIO_PCI_ISR_CONFIG : 1;
	update_line(t);
}

void virtio_pci_status(struct virtio_pci *t, uint8_t value)
{
	virtio_set_status(t->device, value);
	if (value)
		return;
	for (unsigned int i = 0; i <= VIRTIO_QUEUES_MAX; i++)
		t->vector[i] = VIRTIO_PCI_NO_VECTOR;
	t->pending = 0;
	virtio_pci_deliver(t);
	(void)virtio_pci_read_isr(t);
}

/* --- BARs --- */

static bool doorbell(void *transport, unsigned int queue,
		     struct virtio_doorbell *ret)
{
	const struct virtio_pci *t = transport;

	*ret = (struct virtio_doorbell){ .size = 2 };
	if (t->device->legacy) {
		ret->is_port = ret->match = true;
		ret->addr = t->port + VIRTIO_PCI_QUEUE_NOTIFY;
		ret->value = queue;
		return t->port != 0;
	}
	ret->addr = t->memory + BAR_NOTIFY + queue * NOTIFY_STEP;
	return t->memory != 0;
}

static uint64_t port_read(void *dev, uint64_t offset, unsigned int size)
{
	return virtio_pci_bar_read(dev, 0, offset, size);
}

static void port_write(void *dev, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	virtio_pci_bar_write(dev, 0, offset, size, value);
}

static uint64_t memory_read(void *dev, uint64_t offset, unsigned int size)
{
	return virtio_pci_bar_read(dev, 1, offset, size);
}

static void memory_write(void *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	virtio_pci_bar_write(dev, 1, offset, size, value);
}

static const struct bus_ops port_ops = {
	.read = port_read,
	.write = port_write,
	.size_max = 4,
};

static const struct bus_ops memory_ops = {
	.read = memory_read,
	.write = memory_write,
};

/* Move a window; where something is already, it is not decoded at all. */
static void move(struct bus *bus, struct bus_range *range, uint64_t *at)
{
	if (*at)
		bus_remove(bus, *at);
	*at = 0;
	if (range->base && bus_add_if_free(bus, range))
		*at = range->base;
}

static void decode(struct virtio_pci *t)
{
	uint32_t command = pci_get(&t->pci, PCI_CFG_COMMAND, 2);
	struct bus_range port = { t->device->ops->name, 0, VIRTIO_PCI_PORTS,
				  &port_ops, t };
	struct bus_range memory = { t->device->ops->name, 0, VIRTIO_PCI_MEMORY,
				    &memory_ops, t };
	bool live = virtio_is_live(t->device);

	if (command & COMMAND_IO)
		port.base = pci_get(&t->pci, PCI_CFG_BAR0, 4) & ~3u;
	if (command & COMMAND_MEMORY)
		memory.base = pci_get(&t->pci, PCI_CFG_BAR1, 4) & ~15u;
	if (port.base == t->port && memory.base == t->memory)
		return;
	if (live)
		t->device->host.live(t->device->host.ctx, t->device, false);
	if (port.base != t->port)
		move(t->w.pio, &port, &t->port);
	if (memory.base != t->memory)
		move(t->w.mmio, &memory, &t->memory);
	if (live)
		t->device->host.live(t->device->host.ctx, t->device, true);
}

/* --- configuration space --- */

/* 4.1.4.9: a window on the BARs. */
static bool access_window(const struct virtio_pci *t, unsigned int *bar,
			  uint32_t *offset, unsigned int *size)
{
	*bar = pci_get(&t->pci, ACCESS_BAR, 1);
	*offset = pci_get(&t->pci, ACCESS_OFFSET, 4);
	*size = pci_get(&t->pci, ACCESS_LENGTH, 4);
	return *bar <= 1 && (*size == 1 || *size == 2 || *size == 4) &&
	       *offset % *size == 0 &&
	       *offset < (*bar ? VIRTIO_PCI_MEMORY : VIRTIO_PCI_PORTS);
}

static bool touches(unsigned int reg, unsigned int size, unsigned int at,
		    unsigned int bytes)
{
	return reg < at + bytes && at < reg + size;
}

static void reading(struct pci_function *f, unsigned int reg, unsigned int size)
{
	struct virtio_pci *t = (struct virtio_pci *)f;
	unsigned int bar, bytes;
	uint32_t offset;

	if (touches(reg, size, ACCESS_DATA, 4) &&
	    access_window(t, &bar, &offset, &bytes))
		pci_set(f, ACCESS_DATA, 4,
			(uint32_t)virtio_pci_bar_read(t, bar, offset, bytes));
}

static void written(struct pci_function *f, unsigned int reg, unsigned int size)
{
	struct virtio_pci *t = (struct virtio_pci *)f;
	unsigned int bar, bytes;
	uint32_t offset;

	if (touches(reg, size, ACCESS_DATA, 4) &&
	    access_window(t, &bar, &offset, &bytes))
		virtio_pci_bar_write(t, bar, offset, bytes,
				     pci_get(f, ACCESS_DATA, bytes));
	if (touches(reg, size, PCI_CFG_COMMAND, 2) ||
	    touches(reg, size, PCI_CFG_BAR0, 8))
		decode(t);
	update_line(t);
	virtio_pci_deliver(t);
}

static void set_writable(struct pci_function *f, unsigned int reg,
			 unsigned int size, uint32_t mask)
{
	for (unsigned int i = 0; i < size; i++)
		f->writable[reg + i] = (uint8_t)(mask >> (8 * i));
}

static void put_cap(struct pci_function *f, unsigned int at, unsigned int next,
		    uint8_t type, uint32_t offset, uint32_t length)
{
	const struct virtio_pci_cap cap = {
		.cap_vndr = ID_VENDOR,
		.cap_next = (uint8_t)next,
		.cap_len = type == VIRTIO_PCI_CAP_NOTIFY_CFG ||
					   type == VIRTIO_PCI_CAP_PCI_CFG
				   ? sizeof(cap) + 4
				   : sizeof(cap),
		.cfg_type = type,
		.bar = 1,
		.offset = offset,
		.length = length,
	};

	memcpy(f->config + at, &cap, sizeof(cap));
}

static void put_caps(struct virtio_pci *t)
{
	struct pci_function *f = &t->pci;
	unsigned int size = t->device->config_size;

	pci_set(f, PCI_CFG_CAP_LIST, 1, CAP_MSIX);
	pci_set(f, CAP_MSIX, 4,
		ID_MSIX | CAP_COMMON << 8 | (VIRTIO_PCI_VECTORS - 1) << 16);
	pci_set(f, CAP_MSIX + 4, 4, BAR_MSIX | 1);
	pci_set(f, CAP_MSIX + 8, 4, BAR_PBA | 1);
	set_writable(f, MSIX_FLAGS, 2, MSIX_ENABLE | MSIX_MASK_ALL);
	put_cap(f, CAP_COMMON, CAP_NOTIFY, VIRTIO_PCI_CAP_COMMON_CFG,
		BAR_COMMON, sizeof(struct virtio_pci_common_cfg));
	put_cap(f, CAP_NOTIFY, CAP_ISR, VIRTIO_PCI_CAP_NOTIFY_CFG, BAR_NOTIFY,
		NOTIFY_STEP * t->device->queues);
	pci_set(f, CAP_NOTIFY + VIRTIO_PCI_NOTIFY_CAP_MULT, 4, NOTIFY_STEP);
	put_cap(f, CAP_ISR, CAP_ACCESS, VIRTIO_PCI_CAP_ISR_CFG, BAR_ISR, 1);
	put_cap(f, CAP_ACCESS, size ? CAP_DEVICE : 0, VIRTIO_PCI_CAP_PCI_CFG, 0,
		0);
	set_writable(f, ACCESS_BAR, 1, 0xff);
	set_writable(f, ACCESS_OFFSET, 4, UINT32_MAX);
	set_writable(f, ACCESS_LENGTH, 4, UINT32_MAX);
	set_writable(f, ACCESS_DATA, 4, UINT32_MAX);
	if (size)
		put_cap(f, CAP_DEVICE, 0, VIRTIO_PCI_CAP_DEVICE_CFG, BAR_DEVICE,
			size);
}

static void put_header(struct virtio_pci *t, const uint64_t at[2])
{
	const struct virtio_ops *ops = t->device->ops;
	struct pci_function *f = &t->pci;
	bool modern = !ops->pci_id;

	pci_set(f, PCI_CFG_VENDOR, 2, VENDOR);
	pci_set(f, PCI_CFG_DEVICE, 2,
		modern ? MODERN_DEVICE + (uint32_t)ops->id : ops->pci_id);
	pci_set(f, PCI_CFG_REVISION, 1, modern);
	pci_set(f, PCI_CFG_CLASS, 2, ops->pci_class);
	pci_set(f, PCI_CFG_SUB_VENDOR, 2, VENDOR);
	pci_set(f, PCI_CFG_SUB_ID, 2, modern ? MODERN_SUB_ID : ops->id);
	if (!modern) {
		pci_set(f, PCI_CFG_BAR0, 4, (uint32_t)at[0] | 1);
		set_writable(f, PCI_CFG_BAR0, 4,
			     0xffff & ~(VIRTIO_PCI_PORTS - 1));
	}
	pci_set(f, PCI_CFG_BAR1, 4, (uint32_t)at[1]);
	set_writable(f, PCI_CFG_BAR1, 4, ~(VIRTIO_PCI_MEMORY - 1));
	pci_set(f, PCI_CFG_INT_LINE, 1, t->w.irq_number);
	pci_set(f, PCI_CFG_INT_PIN, 1, 1);
	pci_set(f, PCI_CFG_COMMAND, 2,
		(modern ? 0 : COMMAND_IO) | COMMAND_MEMORY | COMMAND_MASTER);
	set_writable(f, PCI_CFG_COMMAND, 2,
		     COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER |
			     COMMAND_NOINTX);
	set_writable(f, PCI_CFG_INT_LINE, 1, 0xff);
	set_writable(f, PCI_CFG_CACHE_LINE, 2, 0xffff);
}

void virtio_pci_attach(struct virtio_pci *t, struct virtio_device *device,
		       struct pci *pci, unsigned int number,
		       const struct virtio_pci_wires *w, const uint64_t at[2])
{
	*t = (struct virtio_pci){
		.pci = { .reading = reading, .written = written },
		.device = device,
		.w = *w,
	};
	device->interrupt = interrupt;
	device->doorbell = doorbell;
	device->transport = t;
	for (unsigned int i = 0; i < VIRTIO_PCI_VECTORS; i++)
		t->table[i][MSIX_CONTROL] = MSIX_MASKED;
	put_header(t, at);
	put_caps(t);
	virtio_pci_status(t, 0);
	decode(t);
	pci_add(pci, number, &t->pci);
}
