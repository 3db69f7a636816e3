/* SPDX-License-Identifier: Apache-2.0 */
/* The name of a blob: the SHA-256 of its bytes. */
#ifndef PKG_DIGEST_H
#define PKG_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DIGEST_PREFIX "sha256:"
#define DIGEST_SIZE   72 /* the prefix, 64 digits, NUL */

/**
 * digest_is() - is it written as the image spec wants it?
 * @text: sha256: and 64 lower-case digits, or not
 *
 * So its digits are a file name and nothing else.
 *
 * Return: true if so.
 */
bool digest_is(const char *text);

/**
 * digest_of() - of bytes in memory
 * @bytes: @size of them
 * @size: any
 * @ret: DIGEST_SIZE bytes
 */
void digest_of(const void *bytes, size_t size, char *ret);

/**
 * digest_of_file() - of a file, from its beginning
 * @fd: is at the beginning again afterwards
 * @ret: DIGEST_SIZE bytes
 * @ret_size: bytes read
 * @e: why it cannot be read
 *
 * Return: 0 or -errno.
 */
int must_check digest_of_file(int fd, char *ret, uint64_t *ret_size,
			      struct err *e);

#endif
