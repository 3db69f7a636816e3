/* SPDX-License-Identifier: Apache-2.0 */
/* A disk: a file or block device of the host, read and written in place. */
#ifndef VMM_STORE_H
#define VMM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/**
 * struct store - an open disk
 * @fd: owned; -1 = none
 * @size: bytes, at the time of opening
 */
struct store {
	int fd;
	uint64_t size;
};

/**
 * store_open() - open a file or block device
 * @s: written, also on failure (then with a closed descriptor)
 * @path: borrowed during the call
 * @readonly: store_io() cannot write
 * @e: names the file and the reason
 *
 * Return: 0, -ENOENT, -EINVAL (neither file nor block device), other -errno.
 */
int must_check store_open(struct store *s, const char *path, bool readonly,
			  struct err *e);

/**
 * store_io() - read or write all of a range
 * @s: open
 * @write: the direction
 * @offset: bytes from the start
 * @bytes: from where or where to
 * @size: bytes
 *
 * Return: 0 or -errno; -EIO behind the end of the file.
 */
int must_check store_io(const struct store *s, bool write, uint64_t offset,
			void *bytes, uint64_t size);

/**
 * store_close() - release it
 * @s: open or not
 */
void store_close(struct store *s);

#endif
