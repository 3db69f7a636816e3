// SPDX-License-Identifier: ISC
// The least of virtio-mmio (virtio 1.2, 4.2) that drives one device.
#include "virtio.h"

#include "dive.h"
#include "fdt.h"

#define MAGIC           0x74726976u /* "virt" */
#define FEATURE_VERSION 1u /* DIVE_VIRTIO_F_VERSION_1, of the second 32 */
#define FDT_MAX         (1u << 20)

static bool is_device(volatile uint32_t *regs, uint32_t id)
{
	return regs[DIVE_VIRTIO_MAGIC] == MAGIC &&
	       regs[DIVE_VIRTIO_VERSION] == 2 &&
	       regs[DIVE_VIRTIO_DEVICE_ID] == id;
}

bool dive_virtio_find(struct dive_virtio *v, const void *blob, uint32_t id)
{
	struct dive_fdt_item item;
	struct dive_fdt fdt;
	bool here = false;

	if (!blob || !dive_fdt_open(&fdt, blob, FDT_MAX))
		return false;
	do {
		item = dive_fdt_next(&fdt);
		if (item.type == DIVE_FDT_NODE)
			here = dive_fdt_is(item.name, "virtio_mmio");
		if (item.type != DIVE_FDT_PROPERTY || !here ||
		    !dive_fdt_is(item.name, "reg"))
			continue;
		v->regs = (volatile uint32_t *)(uintptr_t)dive_fdt_cells(&item,
									 0, 2);
		if (is_device(v->regs, id))
			return true;
	} while (item.type != DIVE_FDT_END && item.type != DIVE_FDT_BAD);
	return false;
}

bool dive_virtio_begin(struct dive_virtio *v, uint32_t features)
{
	v->regs[DIVE_VIRTIO_STATUS] = 0;
	v->regs[DIVE_VIRTIO_STATUS] = DIVE_VIRTIO_STATUS_ACKNOWLEDGE;
	v->regs[DIVE_VIRTIO_STATUS] =
		DIVE_VIRTIO_STATUS_ACKNOWLEDGE | DIVE_VIRTIO_STATUS_DRIVER;
	v->regs[DIVE_VIRTIO_ACCEPT_SEL] = 0;
	v->regs[DIVE_VIRTIO_ACCEPT] = features;
	v->regs[DIVE_VIRTIO_ACCEPT_SEL] = 1;
	v->regs[DIVE_VIRTIO_ACCEPT] = FEATURE_VERSION;
	v->regs[DIVE_VIRTIO_STATUS] = DIVE_VIRTIO_STATUS_ACKNOWLEDGE |
				      DIVE_VIRTIO_STATUS_DRIVER |
				      DIVE_VIRTIO_STATUS_FEATURES_OK;
	return v->regs[DIVE_VIRTIO_STATUS] & DIVE_VIRTIO_STATUS_FEATURES_OK;
}

static void set_address(struct dive_virtio *v, uint32_t reg, const void *to)
{
	v->regs[reg] = (uint32_t)(uintptr_t)to;
	v->regs[reg + 1] = (uint32_t)((uintptr_t)to >> 32);
}

void dive_virtio_add_queue(struct dive_virtio *v, uint32_t index,
			   const struct dive_virtq *q)
{
	v->regs[DIVE_VIRTIO_QUEUE_SEL] = index;
	v->regs[DIVE_VIRTIO_QUEUE_NUM] = DIVE_VIRTIO_QUEUE_SIZE;
	set_address(v, DIVE_VIRTIO_QUEUE_DESC, q->desc);
	set_address(v, DIVE_VIRTIO_QUEUE_AVAIL, &q->avail_flags);
	set_address(v, DIVE_VIRTIO_QUEUE_USED, &q->used_flags);
	v->regs[DIVE_VIRTIO_QUEUE_READY] = 1;
}

void dive_virtio_start(struct dive_virtio *v)
{
	v->regs[DIVE_VIRTIO_STATUS] =
		DIVE_VIRTIO_STATUS_ACKNOWLEDGE | DIVE_VIRTIO_STATUS_DRIVER |
		DIVE_VIRTIO_STATUS_FEATURES_OK | DIVE_VIRTIO_STATUS_DRIVER_OK;
}

void dive_virtio_offer(struct dive_virtio *v, uint32_t index,
		       struct dive_virtq *q, uint16_t id)
{
	q->avail[q->avail_index % DIVE_VIRTIO_QUEUE_SIZE] = id;
	__atomic_store_n(&q->avail_index, (uint16_t)(q->avail_index + 1),
			 __ATOMIC_SEQ_CST);
	v->regs[DIVE_VIRTIO_QUEUE_NOTIFY] = index;
}

void dive_virtio_wait(struct dive_virtio *v, const struct dive_virtq *q)
{
	for (;;) {
		dive_irq_off();
		/* First: what comes afterwards interrupts again. */
		v->regs[DIVE_VIRTIO_INTERRUPT_ACK] =
			v->regs[DIVE_VIRTIO_INTERRUPT];
		if (__atomic_load_n(&q->used_index, __ATOMIC_ACQUIRE) ==
		    q->avail_index)
			break;
		if (v->regs[DIVE_VIRTIO_STATUS] & DIVE_VIRTIO_STATUS_BROKEN)
			break;
		dive_wait();
	}
	dive_irq_on();
}
