/* SPDX-License-Identifier: Apache-2.0 */
/* Transport virtio-mmio, version 2 (virtio 1.2, 4.2). */
#ifndef VMM_VIRTIO_MMIO_H
#define VMM_VIRTIO_MMIO_H

#include "vmm/bus.h"
#include "vmm/virtio/device.h"
#include "vmm/wire.h"

#define VIRTIO_MMIO_SIZE 0x200u /* bytes of the register window */

/**
 * struct virtio_mmio - registers of one device
 * @device: behind them; borrowed
 * @irq: level, 1 while @pending is not 0
 * @base: where the window is
 * @device_half: which 32 features are read
 * @driver_half: which 32 features are written
 * @selected: which queue the queue registers are about
 * @pending: InterruptStatus
 */
struct virtio_mmio {
	struct virtio_device *device;
	struct irq_line irq;
	uint64_t base;
	uint32_t device_half;
	uint32_t driver_half;
	uint32_t selected;
	uint32_t pending;
};

/**
 * virtio_mmio_attach() - put a device on the memory bus
 * @t: any content; stays where it is, owned by the caller
 * @device: connected to this transport
 * @mmio: memory bus
 * @base: address of VIRTIO_MMIO_SIZE bytes
 * @irq: the device's own
 */
void virtio_mmio_attach(struct virtio_mmio *t, struct virtio_device *device,
			struct bus *mmio, uint64_t base,
			const struct irq_line *irq);

#endif
