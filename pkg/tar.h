/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a package in a tar file, and out of it again. */
#ifndef PKG_TAR_H
#define PKG_TAR_H

#include <stdint.h>

#include "base/err.h"

/**
 * struct tar_limits - how much a package may be, unpacked
 * @bytes: left
 * @files: and folders, left
 */
struct tar_limits {
	uint64_t bytes;
	uint64_t files;
};

#define TAR_LIMITS                       \
	{                                \
		UINT64_C(8) << 30, 10000 \
	}

/* A tar file in the making. */
struct tar_writer;

/**
 * tar_begin() - an empty one
 * @fd: to write to; the caller's
 * @e: why not
 *
 * Return: to be given to tar_end(); NULL with @e.
 */
struct tar_writer *tar_begin(int fd, struct err *e);

/**
 * tar_add() - a file of a folder
 * @t: of tar_begin()
 * @dir: folder
 * @path: below it, see package_is_path(); a link out of it is not followed
 * @e: why not
 *
 * Owner and time are left out: the same bytes are the same package.
 *
 * Return: 0 or -errno; -ENOENT.
 */
int must_check tar_add(struct tar_writer *t, int dir, const char *path,
		       struct err *e);

/**
 * tar_end() - finish and release it
 * @t: of tar_begin()
 * @e: why it could not be written
 *
 * Return: 0 or -EIO.
 */
int must_check tar_end(struct tar_writer *t, struct err *e);

/**
 * tar_unpack() - the files of a tar file that nobody vouches for
 * @fd: tar file, maybe by gzip; read to its end
 * @dir: folder that only the caller knows; holds the files of earlier layers
 * @left: what they may be; counted down
 * @e: why not
 *
 * Regular files and folders are made, anything else is refused, and so is what
 * would be outside @dir or is there already. Bits of the mode but for "may be
 * run", owners, times and attributes are ignored. Nothing is synced.
 *
 * Return: 0; -EINVAL for what is refused; -errno. @dir is then to be wiped.
 */
int must_check tar_unpack(int fd, int dir, struct tar_limits *left,
			  struct err *e);

#endif
