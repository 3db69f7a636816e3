/* SPDX-License-Identifier: Apache-2.0 */
/* Block device on a file or a block device of the host (virtio 1.2, 5.2). */
#ifndef VMM_VIRTIO_BLK_H
#define VMM_VIRTIO_BLK_H

#include <linux/virtio_blk.h>

#include "vmm/virtio/device.h"
#include "vmm/virtio/disk.h"

#define BLK_QUEUE 128 /* entries; so many requests are in flight at most */

/**
 * struct blk_request - one request of the driver, between pop and push
 * @io: for the disk
 * @head: chain
 * @filled: bytes that the driver finds in its buffers, the status not counted
 * @bytes: that it moves in all
 * @status: where the status goes, in guest memory
 * @iov: its buffers
 * @next: free request behind this one
 */
struct blk_request {
	struct disk_io io;
	uint16_t head;
	uint32_t filled;
	uint64_t bytes;
	uint8_t *status;
	struct iovec iov[BLK_QUEUE];
	struct blk_request *next;
};

/**
 * struct blk - block device
 * @device: what the transport sees
 * @config: configuration space
 * @disk: the host's side
 * @request: one more than can be in flight: where the next chain goes
 * @free: those not in flight, at least one
 * @begun: bytes of all requests so far
 * @ended: of those that are answered
 * @more: the driver may have asked for more, which waits until some are
 * @id: what GET_ID tells
 */
struct blk {
	struct virtio_device device;
	struct virtio_blk_config config;
	struct disk disk;
	struct blk_request *request;
	struct blk_request *free;
	uint64_t begun;
	uint64_t ended;
	bool more;
	char id[VIRTIO_BLK_ID_BYTES];
};

/**
 * blk_open() - make a block device
 * @b: any content; stays where it is, owned by the caller
 * @mem: guest memory; borrowed
 * @path: file or block device
 * @readonly: never write to it
 * @e: why it cannot be used
 *
 * Return: 0 or -errno; blk_close() in both cases.
 */
int must_check blk_open(struct blk *b, const struct gmem *mem, const char *path,
			bool readonly, struct err *e);

/**
 * blk_close() - finish what is in flight and close the file
 * @b: after blk_open()
 */
void blk_close(struct blk *b);

#endif
