/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of a Solo5 kernel. */
#ifndef VMM_SOLO5_H
#define VMM_SOLO5_H

#include "vmm/dev/hvt.h"
#include "vmm/machine.h"
#include "vmm/net/link.h"
#include "vmm/virtio/disk.h"

/**
 * struct solo5 - its devices and what is behind them
 * @hvt: hypercalls
 * @manifest: devices; the index is the handle
 * @disk: behind the SOLO5_BLOCK of the same index
 * @link: behind the SOLO5_NET of the same index
 * @error: why that link is of no use any more, -errno; 0 = it is
 * @told: the user knows of @error
 * @out: the device's end of the console ring
 * @memory: of the ring
 * @signals: a descriptor that tells of waiting signals
 */
struct solo5 {
	struct hvt hvt;
	struct solo5_manifest manifest;
	struct disk disk[SOLO5_DEVICES_MAX];
	struct net_link link[SOLO5_DEVICES_MAX];
	int error[SOLO5_DEVICES_MAX];
	bool told[SOLO5_DEVICES_MAX];
	struct ring_end out;
	uint8_t *memory;
	int signals;
};

/**
 * solo5_wires() - what the hypercalls do
 * @m: with solo5
 *
 * Return: for hvt_attach().
 */
struct hvt_wires solo5_wires(struct machine *m);

#endif
