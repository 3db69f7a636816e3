/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4). */
#ifndef CLI_SHA256_H
#define CLI_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 65 /* with the NUL */

/**
 * struct sha256 - a sum in the making
 * @state: of what is done
 * @size: bytes so far
 * @block: the last of them, @size % 64
 */
struct sha256 {
	uint32_t state[8];
	uint64_t size;
	uint8_t block[64];
};

/**
 * sha256_begin() - the sum of nothing
 * @s: overwritten
 */
void sha256_begin(struct sha256 *s);

/**
 * sha256_add() - some more bytes
 * @s: begun
 * @bytes: @size of them
 * @size: any
 */
void sha256_add(struct sha256 *s, const uint8_t *bytes, size_t size);

/**
 * sha256_end() - the sum, in hexadecimal
 * @s: begun; not to be used any more
 * @ret: SHA256_HEX bytes
 */
void sha256_end(struct sha256 *s, char *ret);

#endif
