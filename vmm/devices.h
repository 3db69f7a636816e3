/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio devices that the user asked for, wired to KVM. */
#ifndef VMM_DEVICES_H
#define VMM_DEVICES_H

#include "vmm/machine.h"
#include "vmm/network.h"
#include "vmm/share.h"
#include "vmm/virtio/blk.h"
#include "vmm/virtio/loop.h"
#include "vmm/virtio/mmio.h"
#include "vmm/virtio/pci.h"
#include "vmm/virtio/rng.h"

/**
 * struct device_kick - a queue's notification
 * @watch: its eventfd, rung by KVM or by the transport
 * @slot: which device
 * @queue: which queue
 * @bell: the write that KVM takes, while @wired
 * @wired: KVM knows @bell
 */
struct device_kick {
	struct loop_watch watch;
	struct device_slot *slot;
	unsigned int queue;
	struct virtio_doorbell bell;
	bool wired;
};

/**
 * struct device_slot - a device behind its transport
 * @device: it
 * @machine: where it is
 * @kick: of each queue
 * @pci: transport, on PCI
 * @mmio: transport, else
 */
struct device_slot {
	struct virtio_device *device;
	struct machine *machine;
	struct device_kick kick[VIRTIO_QUEUES_MAX];
	union {
		struct virtio_pci pci;
		struct virtio_mmio mmio;
	};
};

/**
 * struct devices - all of them
 * @mem: guest memory that the guest may write itself
 * @loop: the I/O thread
 * @slot: @slots of them
 * @slots: entries of @slot
 * @disk: @disks of them
 * @disks: entries of @disk
 * @network: @networks of them
 * @networks: entries of @network
 * @rng: entropy
 * @console: hvc0
 * @share: @shares of them
 * @shares: entries of @share
 * @cmdline: boot arguments and where the devices are; NULL = as they were
 */
struct devices {
	struct gmem mem;
	struct loop loop;
	struct device_slot slot[BOARD_VIRTIO_MAX];
	unsigned int slots;
	struct blk disk[BOARD_VIRTIO_MAX];
	unsigned int disks;
	struct network network[RUN_NETS_MAX];
	unsigned int networks;
	struct rng rng;
	struct console console;
	struct share share[RUN_SHARES_MAX];
	unsigned int shares;
	char *cmdline;
};

/**
 * devices_attach() - put a device on the bus, wire it to KVM
 * @m: devices has a free slot, or it is refused
 * @device: stays where it is
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check devices_attach(struct machine *m, struct virtio_device *device,
			      struct err *e);

/**
 * devices_detach() - release what devices_attach() took
 * @s: a device that serves nobody any more
 */
void devices_detach(struct device_slot *s);

#endif
