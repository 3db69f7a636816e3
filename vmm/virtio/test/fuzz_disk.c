// SPDX-License-Identifier: Apache-2.0
// A disk for the tests.
#include "vmm/virtio/test/fuzz_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int fuzz_disk_open(struct blk *b, const struct gmem *mem, uint64_t size,
		   bool async)
{
	int fd = memfd_create("disk", MFD_CLOEXEC);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || ftruncate(fd, (off_t)size) ||
	    blk_open(b, mem, path, false, NULL))
		abort();
	if (!async && b->disk.async) {
		io_uring_queue_exit(&b->disk.ring);
		b->disk.async = false;
	}
	return fd;
}
