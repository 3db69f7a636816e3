/* SPDX-License-Identifier: Apache-2.0 */
/* A file or block device of the host, used asynchronously. */
#ifndef VMM_VIRTIO_DISK_H
#define VMM_VIRTIO_DISK_H

#include <liburing.h>

#include "base/err.h"
#include "vmm/virtio/iov.h"
#include "vmm/virtio/loop.h"

enum disk_op {
	DISK_READ,
	DISK_WRITE,
	DISK_FLUSH,   /* what is complete is durable: fdatasync() */
	DISK_DISCARD, /* the bytes are not needed */
	DISK_ZERO,    /* they become zero, the space stays allocated */
};

/**
 * struct disk_io - one operation
 * @op: what
 * @durable: a write that is complete is durable, without a flush
 * @offset: first byte
 * @size: bytes, not for DISK_FLUSH
 * @data: the same number of bytes for read and write; consumed
 * @tries: how often the kernel said "try again"
 */
struct disk_io {
	enum disk_op op;
	bool durable;
	uint64_t offset;
	uint64_t size;
	struct iov data;
	unsigned int tries;
};

/**
 * struct disk - an open file
 * @fd: descriptor; -1 = closed
 * @readonly: opened so
 * @size: bytes, a multiple of 512
 * @sector: what the host's device prefers to be given, bytes
 * @ring: io_uring, if @async
 * @async: false where io_uring may not be used: then disk_submit() blocks
 * @flight: operations not complete
 * @unsent: operations that the kernel has not been told of
 * @watch: for the I/O thread, if @async; its ready() is the owner's and calls
 *	disk_reap()
 * @done: called for each complete operation, on the thread that found it;
 *	@error is 0 or -errno
 * @ctx: passed to @done
 */
struct disk {
	int fd;
	bool readonly;
	uint64_t size;
	uint32_t sector;
	struct io_uring ring;
	bool async;
	unsigned int flight;
	unsigned int unsent;
	struct loop_watch watch;
	void (*done)(void *ctx, struct disk_io *io, int error);
	void *ctx;
};

/**
 * disk_open() - open and lock a file
 * @d: any content; done and ctx are set by the caller afterwards
 * @path: regular file or block device
 * @readonly: open so; others may read it, too
 * @depth: most operations in flight; 0 = disk_submit() blocks
 * @e: why not
 *
 * Return: 0 or -errno; disk_close() in both cases.
 */
int must_check disk_open(struct disk *d, const char *path, bool readonly,
			 unsigned int depth, struct err *e);

/**
 * disk_close() - close
 * @d: nothing in flight
 */
void disk_close(struct disk *d);

/**
 * disk_submit() - begin an operation
 * @d: open
 * @io: inside the file; stays where it is until done
 */
void disk_submit(struct disk *d, struct disk_io *io);

/**
 * disk_flush_queue() - hand what was submitted to the kernel
 * @d: open
 *
 * What is complete at once is done() before this returns.
 */
void disk_flush_queue(struct disk *d);

/**
 * disk_reap() - find what is complete
 * @d: open
 *
 * Short transfers are continued here.
 */
void disk_reap(struct disk *d);

/**
 * disk_wait() - wait until nothing is in flight
 * @d: open
 */
void disk_wait(struct disk *d);

#endif
