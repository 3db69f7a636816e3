/* SPDX-License-Identifier: Apache-2.0 */
/* A driver's view of virtio devices, for the tests: memory, buses, rings. */
#ifndef VMM_VIRTIO_TEST_RIG_H
#define VMM_VIRTIO_TEST_RIG_H

#include <linux/virtio_ring.h>

#include "vmm/virtio/mmio.h"
#include "vmm/virtio/pci.h"

#define RIG_MEMORY 0x10000u
#define RIG_SIZE   16u /* entries of the queue that rig_queue() lays out */
#define RIG_DESC   0x1000u
#define RIG_AVAIL  0x2000u
#define RIG_USED   0x3000u
#define RIG_BUFFER 0x8000u /* from here to the end: for buffers */

#define RIG_MMIO   0xfed00000u
#define RIG_PORT   0xc000u
#define RIG_MEM    0xc0000000u
#define RIG_IRQ    5u
#define RIG_DEVICE 1u

/**
 * struct rig - one device behind one transport
 * @ram: guest memory
 * @mem: the same
 * @pio: I/O ports
 * @bus: memory-mapped devices
 * @pci: host bridge
 * @mmio: transport
 * @function: other transport
 * @device: the device
 * @kicked: one bit for each queue that waits to be served
 * @live: what the device last said
 * @level: of the interrupt line
 * @edges: how often it rose
 * @messages: MSIs
 * @address: of the last one
 * @data: of the last one
 * @wired: address of each queue's message, 0 = none
 * @wired_data: of each queue's message
 * @troubles: broken queues
 * @why: the last one
 */
struct rig {
	uint8_t *ram;
	struct gmem mem;
	struct bus pio;
	struct bus bus;
	struct pci pci;
	struct virtio_mmio mmio;
	struct virtio_pci function;
	struct virtio_device *device;
	unsigned int kicked;
	bool live;
	int level;
	unsigned int edges;
	unsigned int messages;
	uint64_t address;
	uint32_t data;
	uint64_t wired[VIRTIO_QUEUES_MAX];
	uint32_t wired_data[VIRTIO_QUEUES_MAX];
	unsigned int troubles;
	const char *why;
};

/**
 * rig_memory() - give it memory
 * @r: overwritten
 */
void rig_memory(struct rig *r);

/**
 * rig_attach_mmio() - put a device at RIG_MMIO
 * @r: with memory
 * @d: device
 */
void rig_attach_mmio(struct rig *r, struct virtio_device *d);

/**
 * rig_attach_pci() - put a device on PCI, RIG_PORT and RIG_MEM
 * @r: with memory
 * @d: device
 */
void rig_attach_pci(struct rig *r, struct virtio_device *d);

/**
 * rig_free() - release the memory
 * @r: rig
 */
void rig_free(struct rig *r);

/**
 * rig_serve() - what the I/O thread does
 * @r: rig
 *
 * Return: false when it did not come to an end.
 */
bool rig_serve(struct rig *r);

/**
 * rig_desc() - write a descriptor of the queue at RIG_DESC
 * @r: rig
 * @at: which
 * @d: its contents
 */
void rig_desc(struct rig *r, unsigned int at, struct vring_desc d);

/**
 * rig_offer() - put a chain into the ring at RIG_AVAIL
 * @r: rig
 * @head: of the chain
 */
void rig_offer(struct rig *r, uint16_t head);

/**
 * rig_used() - the ring at RIG_USED
 * @r: rig
 *
 * Return: it.
 */
struct vring_used *rig_used(struct rig *r);

#endif
