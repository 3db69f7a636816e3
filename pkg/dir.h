/* SPDX-License-Identifier: Apache-2.0 */
/* Folders whose files appear whole or not at all. */
#ifndef PKG_DIR_H
#define PKG_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/**
 * dir_open() - a folder, locked
 * @path: absolute; changed meanwhile
 * @is_writer: make it if it is not there, and wait until nobody else has it
 *	open; else wait for writers only
 * @e: why not; -ENOENT: a reader found none
 *
 * The lock is one of the folder itself (flock()), and ends with the descriptor,
 * so also with the process.
 *
 * Return: a descriptor, or -errno.
 */
int must_check dir_open(char *path, bool is_writer, struct err *e);

/**
 * dir_make() - a folder in another
 * @dir: folder
 * @name: of the new one; it may be there
 * @e: why not
 *
 * Return: a descriptor, or -errno.
 */
int must_check dir_make(int dir, const char *name, struct err *e);

/**
 * dir_read() - all of a regular file
 * @dir: folder
 * @name: in it; a symbolic link is refused
 * @max: bytes it may have
 * @ret: its bytes and a NUL behind them; to be freed
 * @ret_size: of them
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check dir_read(int dir, const char *name, size_t max, char **ret,
			size_t *ret_size, struct err *e);

/**
 * dir_write() - put a file in the place of another
 * @dir: folder, of which the caller has the lock
 * @name: in it
 * @bytes: of the new file
 * @size: of them
 * @e: why not
 *
 * After a crash there is the old file or the new one. A NAME.new may be left.
 *
 * Return: 0 or -errno.
 */
int must_check dir_write(int dir, const char *name, const void *bytes,
			 size_t size, struct err *e);

/**
 * dir_wipe() - remove a file, or a folder and all in it
 * @dir: folder
 * @name: in it; need not be there. No link is followed.
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check dir_wipe(int dir, const char *name, struct err *e);

#endif
