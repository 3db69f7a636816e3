/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that lie in several pieces. */
#ifndef VMM_VIRTIO_IOV_H
#define VMM_VIRTIO_IOV_H

#include <stddef.h>
#include <sys/uio.h>

/**
 * struct iov - pieces in order
 * @at: the first; an array of somebody else's, which is changed
 * @count: how many
 */
struct iov {
	struct iovec *at;
	unsigned int count;
};

/**
 * iov_size() - bytes in all pieces
 * @v: pieces
 *
 * Return: the sum; a virtqueue's chain has less than 4 GiB.
 */
size_t iov_size(const struct iov *v);

/**
 * iov_take() - copy from the front and go on behind it
 * @v: pieces; what was copied is dropped from them
 * @to: destination
 * @size: bytes
 *
 * Return: bytes copied, less than @size when there are not so many.
 */
size_t iov_take(struct iov *v, void *to, size_t size);

/**
 * iov_put() - copy to the front and go on behind it
 * @v: pieces; what was filled is dropped from them
 * @from: source
 * @size: bytes
 *
 * Return: bytes copied, less than @size when there is no more room.
 */
size_t iov_put(struct iov *v, const void *from, size_t size);

/**
 * iov_skip() - drop bytes from the front
 * @v: pieces
 * @size: bytes, at most what there is
 */
void iov_skip(struct iov *v, size_t size);

/**
 * iov_split_last() - drop the last byte
 * @v: pieces
 *
 * Return: where it is; NULL when there is none.
 */
unsigned char *iov_split_last(struct iov *v);

#endif
