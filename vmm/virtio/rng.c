// SPDX-License-Identifier: Apache-2.0
// Entropy device: each buffer gets random bytes (virtio 1.2, 5.4).
#include "vmm/virtio/rng.h"

#include <linux/virtio_ids.h>
#include <sys/random.h>

#include "vmm/virtio/iov.h"

#define QUEUE_SIZE 64
#define PIECE      256u /* 5.4.6.1: at least one byte, not all of them */

static void serve(struct virtio_device *d, unsigned int queue)
{
	struct iovec iov[QUEUE_SIZE];
	struct virtq_chain chain = { .iov = iov, .max = QUEUE_SIZE };

	while (virtio_pop(d, queue, &chain)) {
		struct iov out = { iov, chain.writable };
		uint8_t random[PIECE];

		if (chain.readable || !chain.writable) {
			virtio_break(d, queue, "not a buffer to fill");
			return;
		}
		/* Up to 256 bytes it neither fails nor comes back early. */
		/* syscall: getrandom */
		(void)!getrandom(random, sizeof(random), 0);
		virtq_push(&d->queue[queue], chain.head,
			   (uint32_t)iov_put(&out, random, sizeof(random)));
	}
}

static const struct virtio_ops rng_ops = {
	.name = "virtio-rng",
	.id = VIRTIO_ID_RNG,
	.pci_id = 0x1005,
	.pci_class = 0x00ff,
	.serve = serve,
};

void rng_init(struct rng *r, const struct gmem *mem)
{
	virtio_init(&r->device, &rng_ops, mem, 1, QUEUE_SIZE);
}
