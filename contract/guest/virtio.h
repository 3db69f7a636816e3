/* SPDX-License-Identifier: ISC */
/* The least of virtio-mmio (virtio 1.2, 4.2) that drives one device. */
#ifndef DIVE_GUEST_VIRTIO_H
#define DIVE_GUEST_VIRTIO_H

#include <stdbool.h>
#include <stdint.h>

#define DIVE_VIRTIO_QUEUE_SIZE 16u

/**
 * struct dive_virtio - one device
 * @regs: its registers, mapped where they are
 */
struct dive_virtio {
	volatile uint32_t *regs;
};

/* Registers, as indices of 32-bit words. */
enum {
	DIVE_VIRTIO_MAGIC = 0x000 / 4,
	DIVE_VIRTIO_VERSION = 0x004 / 4,
	DIVE_VIRTIO_DEVICE_ID = 0x008 / 4,
	DIVE_VIRTIO_FEATURES = 0x010 / 4,
	DIVE_VIRTIO_FEATURES_SEL = 0x014 / 4,
	DIVE_VIRTIO_ACCEPT = 0x020 / 4,
	DIVE_VIRTIO_ACCEPT_SEL = 0x024 / 4,
	DIVE_VIRTIO_QUEUE_SEL = 0x030 / 4,
	DIVE_VIRTIO_QUEUE_NUM = 0x038 / 4,
	DIVE_VIRTIO_QUEUE_READY = 0x044 / 4,
	DIVE_VIRTIO_QUEUE_NOTIFY = 0x050 / 4,
	DIVE_VIRTIO_INTERRUPT = 0x060 / 4,
	DIVE_VIRTIO_INTERRUPT_ACK = 0x064 / 4,
	DIVE_VIRTIO_STATUS = 0x070 / 4,
	DIVE_VIRTIO_QUEUE_DESC = 0x080 / 4,
	DIVE_VIRTIO_QUEUE_AVAIL = 0x090 / 4,
	DIVE_VIRTIO_QUEUE_USED = 0x0a0 / 4,
	DIVE_VIRTIO_CONFIG = 0x100 / 4,
};

#define DIVE_VIRTIO_STATUS_ACKNOWLEDGE 1u
#define DIVE_VIRTIO_STATUS_DRIVER      2u
#define DIVE_VIRTIO_STATUS_DRIVER_OK   4u
#define DIVE_VIRTIO_STATUS_FEATURES_OK 8u
#define DIVE_VIRTIO_STATUS_BROKEN      64u /* the device needs a reset */

struct dive_virtq_desc {
	uint64_t address;
	uint32_t size;
	uint16_t flags;
	uint16_t next;
};

#define DIVE_VIRTIO_DESC_NEXT  1u
#define DIVE_VIRTIO_DESC_WRITE 2u /* by the device */

/**
 * struct dive_virtq - the three parts of a queue; zero at first
 * @desc: buffers
 * @avail_flags: not used
 * @avail_index: buffers offered, modulo 2^16
 * @avail: their numbers, and used_event, which is not used
 * @used_flags: not used
 * @used_index: buffers given back, modulo 2^16
 * @used: their numbers, and bytes written
 * @avail_event: not used
 */
struct dive_virtq {
	struct dive_virtq_desc desc[DIVE_VIRTIO_QUEUE_SIZE]
		__attribute__((aligned(16)));
	uint16_t avail_flags;
	uint16_t avail_index;
	uint16_t avail[DIVE_VIRTIO_QUEUE_SIZE + 1];
	uint16_t used_flags __attribute__((aligned(4)));
	uint16_t used_index;
	struct {
		uint32_t id;
		uint32_t size;
	} used[DIVE_VIRTIO_QUEUE_SIZE];
	uint16_t avail_event;
};

/**
 * dive_virtio_find() - look for a device in the device tree
 * @v: written when there is one
 * @fdt: dive_boot.fdt
 * @id: what kind (virtio 1.2, 5)
 *
 * Return: true when there is one.
 */
bool dive_virtio_find(struct dive_virtio *v, const void *fdt, uint32_t id);

/**
 * dive_virtio_begin() - reset the device and accept features
 * @v: found
 * @features: the first 32; DIVE_VIRTIO_F_VERSION_1 is added
 *
 * Return: false when the device does not like them.
 */
bool dive_virtio_begin(struct dive_virtio *v, uint32_t features);

/**
 * dive_virtio_add_queue() - tell the device where a queue is
 * @v: begun, not started
 * @index: which
 * @q: physical address equals virtual address
 */
void dive_virtio_add_queue(struct dive_virtio *v, uint32_t index,
			   const struct dive_virtq *q);

/**
 * dive_virtio_start() - let the device work
 * @v: begun, with its queues
 */
void dive_virtio_start(struct dive_virtio *v);

/**
 * dive_virtio_offer() - give the device a buffer, described at its number
 * @v: started
 * @index: which queue
 * @q: the queue
 * @id: descriptor
 */
void dive_virtio_offer(struct dive_virtio *v, uint32_t index,
		       struct dive_virtq *q, uint16_t id);

/**
 * dive_virtio_wait() - sleep until the device has given back what it was given
 * @v: started
 * @q: one of its queues
 *
 * For one CPU, the one that doorbells of the host interrupt (contract 5.5).
 */
void dive_virtio_wait(struct dive_virtio *v, const struct dive_virtq *q);

#endif
