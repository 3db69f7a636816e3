/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes on file descriptors. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>
#include <sys/types.h>

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

#define IO_LINE_MAX 4000 /* with a short mark within PIPE_BUF */

/**
 * io_write_line() - write to the end of the line, behind a mark
 * @fd: any descriptor
 * @mark: stands before it, at most 95 characters; "" = nothing does
 * @from: the bytes
 * @size: how many there are; IO_LINE_MAX are written at most
 *
 * One call of writev(), so that on a pipe nobody's words come in between.
 *
 * Return: how many bytes of @from were written, or -1 with errno.
 */
ssize_t io_write_line(int fd, const char *mark, const void *from, size_t size);

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
