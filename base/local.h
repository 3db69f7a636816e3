/* SPDX-License-Identifier: Apache-2.0 */
/* Local sockets by path. */
#ifndef BASE_LOCAL_H
#define BASE_LOCAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define LOCAL_FDS 3 /* that go together */

/**
 * local_listen() - listen at a path
 * @path: made; a socket that nobody answers at is removed first
 * @e: why not
 *
 * Only our user can connect.
 *
 * Return: a non-blocking descriptor, the caller's, or -errno.
 */
int must_check local_listen(const char *path, struct err *e);

/**
 * local_connect() - connect to a path
 * @path: of a socket
 * @e: why not
 *
 * Return: a descriptor, the caller's, or -errno.
 */
int must_check local_connect(const char *path, struct err *e);

/**
 * local_receive() - take so many bytes
 * @fd: connected
 * @to: written
 * @size: bytes
 * @fds: LOCAL_FDS descriptors that may come with the first of them; NULL =
 *	none may. Unchanged when none do
 *
 * Return: true when all are here; else the other end has gone, or was too
 * slow for the limit that @fd has.
 */
bool local_receive(int fd, void *to, size_t size, int *fds);

/**
 * local_send() - send all of it
 * @fd: connected, blocks
 * @from: bytes
 * @size: how many, at least 1
 * @fds: LOCAL_FDS descriptors that go with them; NULL = none. Borrowed
 *
 * Return: false when the other end has gone.
 */
bool local_send(int fd, const void *from, size_t size, const int *fds);

#endif
