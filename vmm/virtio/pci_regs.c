// SPDX-License-Identifier: Apache-2.0
// Virtio over PCI: the registers behind the BARs, modern (virtio 1.2, 4.1.4)
// and legacy (4.1.4.10).
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <stddef.h>

#include "vmm/virtio/pci.h"
#include "vmm/virtio/pci_layout.h"

static struct virtq *selected(struct virtio_pci *t)
{
	return t->selected < t->device->queues ? &t->device->queue[t->selected]
					       : NULL;
}

static uint32_t features(const struct virtio_pci *t, uint32_t half)
{
	return half > 1 ? 0
			: (uint32_t)(virtio_offered(t->device) >> (half * 32));
}

/* 4.1.5.1.2.1: a vector that is not there reads back as none. */
static uint16_t checked_vector(uint64_t value)
{
	return value < VIRTIO_PCI_VECTORS ? (uint16_t)value
					  : VIRTIO_PCI_NO_VECTOR;
}

static uint16_t queue_vector(const struct virtio_pci *t)
{
	return t->selected < t->device->queues ? t->vector[t->selected]
					       : VIRTIO_PCI_NO_VECTOR;
}

static void set_queue_vector(struct virtio_pci *t, uint64_t value)
{
	if (t->selected >= t->device->queues)
		return;
	t->vector[t->selected] = checked_vector(value);
	virtio_pci_deliver(t);
}

/* --- modern: struct virtio_pci_common_cfg --- */

static uint64_t read_queue(struct virtio_pci *t, uint64_t offset)
{
	const struct virtq *q = selected(t);

	if (!q)
		return 0;
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		return q->size;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		return q->ready;
	case VIRTIO_PCI_COMMON_Q_NOFF:
		return t->selected;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
		return (uint32_t)q->desc_at;
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		return q->desc_at >> 32;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
		return (uint32_t)q->avail_at;
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		return q->avail_at >> 32;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
		return (uint32_t)q->used_at;
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		return q->used_at >> 32;
	default:
		return 0;
	}
}

static uint64_t read_common(struct virtio_pci *t, uint64_t offset)
{
	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		return t->device_half;
	case VIRTIO_PCI_COMMON_DF:
		return features(t, t->device_half);
	case VIRTIO_PCI_COMMON_GFSELECT:
		return t->driver_half;
	case VIRTIO_PCI_COMMON_GF:
		if (t->driver_half > 1)
			return 0;
		return (uint32_t)(t->device->accepted >> (32 * t->driver_half));
	case VIRTIO_PCI_COMMON_MSIX:
		return t->vector[VIRTIO_CONFIG];
	case VIRTIO_PCI_COMMON_NUMQ:
		return t->device->queues;
	case VIRTIO_PCI_COMMON_STATUS:
		return t->device->status;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		return t->selected;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		return queue_vector(t);
	default:
		return read_queue(t, offset);
	}
}

static void set_low(gpa_t *at, uint64_t value)
{
	*at = (*at & ~(gpa_t)UINT32_MAX) | (uint32_t)value;
}

static void set_high(gpa_t *at, uint64_t value)
{
	*at = (*at & UINT32_MAX) | value << 32;
}

/* A queue in use keeps its place. */
static void write_queue(struct virtio_pci *t, uint64_t offset, uint64_t value)
{
	struct virtq *q = selected(t);

	if (!q || q->ready)
		return;
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		q->size = (uint16_t)value;
		return;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		if (value == 1)
			virtio_enable_queue(t->device, t->selected);
		return;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
		set_low(&q->desc_at, value);
		return;
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		set_high(&q->desc_at, value);
		return;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
		set_low(&q->avail_at, value);
		return;
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		set_high(&q->avail_at, value);
		return;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
		set_low(&q->used_at, value);
		return;
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		set_high(&q->used_at, value);
		return;
	default:
		return;
	}
}

static void write_common(struct virtio_pci *t, uint64_t offset, uint64_t value)
{
	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		t->device_half = (uint32_t)value;
		return;
	case VIRTIO_PCI_COMMON_GFSELECT:
		t->driver_half = (uint32_t)value;
		return;
	case VIRTIO_PCI_COMMON_GF:
		virtio_accept(t->device, t->driver_half, (uint32_t)value);
		return;
	case VIRTIO_PCI_COMMON_MSIX:
		t->vector[VIRTIO_CONFIG] = checked_vector(value);
		return;
	case VIRTIO_PCI_COMMON_STATUS:
		virtio_pci_status(t, (uint8_t)value);
		return;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		t->selected = (uint16_t)value;
		return;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		set_queue_vector(t, value);
		return;
	default:
		write_queue(t, offset, value);
		return;
	}
}

/* --- MSI-X table --- */

/* PCI Local Bus 3.0, 6.8.2: aligned accesses of 4 or 8 bytes. */
static uint64_t read_table(const struct virtio_pci *t, uint64_t offset,
			   unsigned int size)
{
	uint64_t word = offset / 4, value;

	if (word >= VIRTIO_PCI_VECTORS * 4 || offset % size || size < 4)
		return 0;
	value = t->table[word / 4][word % 4];
	if (size == 8)
		value |= (uint64_t)t->table[word / 4][word % 4 + 1] << 32;
	return value;
}

static void write_table(struct virtio_pci *t, uint64_t offset,
			unsigned int size, uint64_t value)
{
	uint64_t word = offset / 4;

	if (word >= VIRTIO_PCI_VECTORS * 4 || offset % size || size < 4)
		return;
	t->table[word / 4][word % 4] = (uint32_t)value;
	if (size == 8)
		t->table[word / 4][word % 4 + 1] = (uint32_t)(value >> 32);
	virtio_pci_deliver(t);
}

/* --- legacy --- */

static uint64_t legacy_config(const struct virtio_pci *t, uint64_t offset,
			      unsigned int size)
{
	uint64_t start = VIRTIO_PCI_CONFIG_OFF(virtio_pci_msix(t));

	if (offset < start)
		return offset == VIRTIO_MSI_CONFIG_VECTOR ||
				       offset == VIRTIO_MSI_QUEUE_VECTOR
			       ? VIRTIO_PCI_NO_VECTOR
			       : 0;
	return virtio_read_config(t->device, offset - start, size);
}

static uint64_t read_legacy(struct virtio_pci *t, uint64_t offset,
			    unsigned int size)
{
	const struct virtq *q = selected(t);

	switch (offset) {
	case VIRTIO_PCI_HOST_FEATURES:
		return features(t, 0);
	case VIRTIO_PCI_GUEST_FEATURES:
		return (uint32_t)t->device->accepted;
	case VIRTIO_PCI_QUEUE_PFN:
		return q && q->ready ? q->desc_at / VIRTIO_PCI_VRING_ALIGN : 0;
	case VIRTIO_PCI_QUEUE_NUM:
		return q ? q->size_max : 0;
	case VIRTIO_PCI_QUEUE_SEL:
		return t->selected;
	case VIRTIO_PCI_STATUS:
		return t->device->status;
	case VIRTIO_PCI_ISR:
		return virtio_pci_read_isr(t);
	case VIRTIO_MSI_CONFIG_VECTOR:
		if (virtio_pci_msix(t))
			return t->vector[VIRTIO_CONFIG];
		break;
	case VIRTIO_MSI_QUEUE_VECTOR:
		if (virtio_pci_msix(t))
			return queue_vector(t);
		break;
	default:
		break;
	}
	return legacy_config(t, offset, size);
}

/* 2.7.2: one page-aligned piece holds all three parts. */
static void set_page(struct virtio_pci *t, uint32_t page)
{
	struct virtq *q = selected(t);
	uint64_t avail_size;

	if (!q)
		return;
	virtio_disable_queue(t->device, t->selected);
	if (!page)
		return;
	avail_size = sizeof(struct vring_avail) + 2ull * q->size + 2;
	q->desc_at = (gpa_t)page * VIRTIO_PCI_VRING_ALIGN;
	q->avail_at = q->desc_at + sizeof(struct vring_desc) * q->size;
	q->used_at = (q->avail_at + avail_size + VIRTIO_PCI_VRING_ALIGN - 1) &
		     ~(gpa_t)(VIRTIO_PCI_VRING_ALIGN - 1);
	virtio_enable_queue(t->device, t->selected);
}

/* Who writes here and has not agreed on features is a legacy driver. */
static void set_legacy(struct virtio_pci *t)
{
	if (!(t->device->status & VIRTIO_CONFIG_S_FEATURES_OK))
		t->device->legacy = true;
}

static void write_legacy(struct virtio_pci *t, uint64_t offset, uint64_t value)
{
	switch (offset) {
	case VIRTIO_PCI_GUEST_FEATURES:
		set_legacy(t);
		virtio_accept(t->device, 0, (uint32_t)value);
		return;
	case VIRTIO_PCI_QUEUE_PFN:
		set_legacy(t);
		set_page(t, (uint32_t)value);
		return;
	case VIRTIO_PCI_QUEUE_SEL:
		t->selected = (uint16_t)value;
		return;
	case VIRTIO_PCI_QUEUE_NOTIFY:
		virtio_notify(t->device, (uint16_t)value);
		return;
	case VIRTIO_PCI_STATUS:
		if (value)
			set_legacy(t);
		virtio_pci_status(t, (uint8_t)value);
		return;
	case VIRTIO_MSI_CONFIG_VECTOR:
		if (virtio_pci_msix(t))
			t->vector[VIRTIO_CONFIG] = checked_vector(value);
		return;
	case VIRTIO_MSI_QUEUE_VECTOR:
		if (virtio_pci_msix(t))
			set_queue_vector(t, value);
		return;
	default:
		return;
	}
}

/* --- both BARs --- */

uint64_t virtio_pci_bar_read(struct virtio_pci *t, unsigned int bar,
			     uint64_t offset, unsigned int size)
{
	if (bar == 0)
		return read_legacy(t, offset, size);
	if (offset < BAR_ISR)
		return read_common(t, offset);
	if (offset < BAR_DEVICE)
		return offset == BAR_ISR ? virtio_pci_read_isr(t) : 0;
	if (offset < BAR_NOTIFY)
		return virtio_read_config(t->device, offset - BAR_DEVICE, size);
	if (offset >= BAR_PBA)
		return offset == BAR_PBA ? t->pending : 0;
	return offset < BAR_MSIX ? 0 : read_table(t, offset - BAR_MSIX, size);
}

void virtio_pci_bar_write(struct virtio_pci *t, unsigned int bar,
			  uint64_t offset, unsigned int size, uint64_t value)
{
	if (bar == 0)
		write_legacy(t, offset, value);
	else if (offset < BAR_ISR)
		write_common(t, offset, value);
	else if (offset >= BAR_NOTIFY && offset < BAR_MSIX)
		virtio_notify(t->device,
			      (uint32_t)(offset - BAR_NOTIFY) / NOTIFY_STEP);
	else if (offset >= BAR_MSIX && offset < BAR_PBA)
		write_table(t, offset - BAR_MSIX, size, value);
}
