/* SPDX-License-Identifier: Apache-2.0 */
/* The multiboot2 header of an image, checked. */
#ifndef LOADER_MULTIBOOT2_H
#define LOADER_MULTIBOOT2_H

#include "loader/multiboot.h"

/**
 * struct multiboot2 - what the header of an image says
 * @offset: of the header in the file
 * @flat: loaded by @address, else as ELF
 * @address: see @flat
 * @has_entry: @entry_addr wins over ELF
 * @entry_addr: linked address of the entry
 * @relocatable: can be loaded elsewhere, within the following
 * @highest: as high as possible rather than as linked or as low as possible
 * @align: power of two
 * @min_addr: lowest address allowed
 * @max_addr: the image ends here at the latest
 * @span: linked addresses
 */
struct multiboot2 {
	size_t offset;
	bool flat;
	struct multiboot_addresses address;
	bool has_entry;
	uint32_t entry_addr;
	bool relocatable;
	bool highest;
	uint32_t align;
	uint32_t min_addr;
	uint32_t max_addr;
	struct extent span;
};

/**
 * multiboot2_find() - find and check the header
 * @img: any image
 * @ret: written on success
 * @e: what was looked for and found
 *
 * Return: 0, -ENOENT there is none, -ENOEXEC it cannot be used here.
 */
int must_check multiboot2_find(const struct image *img, struct multiboot2 *ret,
			       struct err *e);

#endif
