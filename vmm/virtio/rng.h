/* SPDX-License-Identifier: Apache-2.0 */
/* Entropy device (virtio 1.2, 5.4). */
#ifndef VMM_VIRTIO_RNG_H
#define VMM_VIRTIO_RNG_H

#include "vmm/virtio/device.h"

/**
 * struct rng - random bytes of the host's kernel
 * @device: what the transport sees
 */
struct rng {
	struct virtio_device device;
};

/**
 * rng_init() - make an entropy device
 * @r: any content; stays where it is, owned by the caller
 * @mem: guest memory; borrowed
 */
void rng_init(struct rng *r, const struct gmem *mem);

#endif
