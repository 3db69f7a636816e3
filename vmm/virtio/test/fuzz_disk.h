/* SPDX-License-Identifier: Apache-2.0 */
/* A disk for the tests: a file without a name, no io_uring on demand. */
#ifndef VMM_VIRTIO_TEST_FUZZ_DISK_H
#define VMM_VIRTIO_TEST_FUZZ_DISK_H

#include "vmm/virtio/blk.h"

/**
 * fuzz_disk_open() - a block device on memory
 * @b: overwritten
 * @mem: guest memory; borrowed
 * @size: bytes
 * @async: through io_uring, where there is one
 *
 * Return: its descriptor, the caller's; ends the program when there is none.
 */
int fuzz_disk_open(struct blk *b, const struct gmem *mem, uint64_t size,
		   bool async);

#endif
