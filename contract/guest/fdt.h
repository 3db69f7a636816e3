/* SPDX-License-Identifier: ISC */
/* A reader of flattened device trees that trusts no byte of them. */
#ifndef DIVE_GUEST_FDT_H
#define DIVE_GUEST_FDT_H

#include <stdbool.h>
#include <stdint.h>

#define DIVE_FDT_DEPTH_MAX 8

enum dive_fdt_type {
	DIVE_FDT_NODE,
	DIVE_FDT_PROPERTY,
	DIVE_FDT_NODE_END,
	DIVE_FDT_END,
	DIVE_FDT_BAD
};

/**
 * struct dive_fdt - a position in a tree
 * @structs: structure block
 * @strings: strings block
 * @structs_size: bytes
 * @strings_size: bytes
 * @at: offset of the next token in @structs
 * @depth: open nodes
 */
struct dive_fdt {
	const uint8_t *structs;
	const uint8_t *strings;
	uint32_t structs_size;
	uint32_t strings_size;
	uint32_t at;
	uint32_t depth;
};

/**
 * struct dive_fdt_item - what is at a position
 * @type: which of the others are valid
 * @name: node with its unit address, or property; NUL-terminated
 * @value: of a property, not aligned
 * @size: bytes of @value
 */
struct dive_fdt_item {
	enum dive_fdt_type type;
	const char *name;
	const uint8_t *value;
	uint32_t size;
};

/**
 * dive_fdt_open() - check the header of a tree
 * @fdt: set to the first token on success
 * @blob: the tree, borrowed
 * @size_max: bytes that may be read at @blob
 *
 * Return: false when this is not a tree of version 17 within @size_max.
 */
bool dive_fdt_open(struct dive_fdt *fdt, const void *blob, uint64_t size_max);

/**
 * dive_fdt_next() - read one item and go on
 * @fdt: position
 *
 * Return: the item; DIVE_FDT_END or DIVE_FDT_BAD for ever at the end. Every call but
 * the last consumes bytes, so a loop over a tree ends.
 */
struct dive_fdt_item dive_fdt_next(struct dive_fdt *fdt);

/**
 * dive_fdt_cells() - big-endian number of a property
 * @item: property
 * @cell: index of its first 32-bit cell
 * @cells: 1 or 2
 *
 * Return: the number; 0 when the property is too short.
 */
uint64_t dive_fdt_cells(const struct dive_fdt_item *item, uint32_t cell,
			uint32_t cells);

/**
 * dive_fdt_text() - string of a property
 * @item: property
 *
 * Return: the string, "" when the property is not NUL-terminated.
 */
const char *dive_fdt_text(const struct dive_fdt_item *item);

/**
 * dive_fdt_is() - compare a name
 * @name: node or property
 * @want: without unit address
 *
 * Return: true for @want and for @want followed by '@'.
 */
bool dive_fdt_is(const char *name, const char *want);

#endif
