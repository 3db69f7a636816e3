/* SPDX-License-Identifier: Apache-2.0 */
/* What a Linux image says of itself: its setup header, or its ELF headers. */
#ifndef LOADER_LINUX_HEADER_H
#define LOADER_LINUX_HEADER_H

#include <asm/bootparam.h>

#include "loader/place.h"

#define LINUX_ENTRY_64 \
	0x200 /* behind the load address; the 32-bit one is at it */

/**
 * struct linux_image - how a Linux image is loaded
 * @hdr: setup header for boot_params; fields that its version does not have
 *	are as if it had them and said what boot.rst says is meant
 * @is_elf: its segments say where; else the following
 * @is_32: entered in 32-bit protected mode at its load address
 * @offset: of the protected-mode part in the file
 * @filesz: bytes of it
 * @span: linked address and memory needed until it has its own tables
 */
struct linux_image {
	struct setup_header hdr;
	bool is_elf;
	bool is_32;
	uint64_t offset;
	uint64_t filesz;
	struct extent span;
};

/**
 * linux_image_read() - what kind of Linux kernel is it
 * @img: any image
 * @ret: overwritten
 * @e: why it cannot be booted
 *
 * Return: 0, -ENOENT (not such an image), -ENOEXEC (it is, but cannot boot).
 */
int must_check linux_image_read(const struct image *img,
				struct linux_image *ret, struct err *e);

#endif
