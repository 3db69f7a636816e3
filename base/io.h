/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes on file descriptors. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>

#include "base/err.h"

/**
 * io_write_all() - write every byte
 * @fd: any descriptor; a non-blocking one is waited for with poll()
 * @from: the bytes
 * @size: how many
 *
 * A signal does not interrupt it. Raises SIGPIPE where write() does.
 *
 * Return: 0, or -errno of write() with some of the bytes written.
 */
int must_check io_write_all(int fd, const void *from, size_t size);

/**
 * io_read_all() - read exactly so many bytes
 * @fd: any descriptor; a non-blocking one is waited for with poll()
 * @to: destination
 * @size: how many
 *
 * Return: 0; -ENODATA at the end of the file; else -errno of read().
 */
int must_check io_read_all(int fd, void *to, size_t size);

#endif
