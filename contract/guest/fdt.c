// SPDX-License-Identifier: ISC
// Reads a flattened device tree item by item (Devicetree specification 0.4, 5).
#include "fdt.h"

#include <stddef.h>

#define MAGIC          0xd00dfeed
#define HEADER_SIZE    40
#define VERSION        17
#define VERSION_COMPAT 16

enum token {
	BEGIN_NODE = 1,
	END_NODE,
	PROP,
	NOP,
	END = 9
};

static uint32_t load32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

bool dive_fdt_open(struct dive_fdt *fdt, const void *blob, uint64_t size_max)
{
	const uint8_t *header = blob;
	uint32_t total, structs, strings, structs_size, strings_size;

	if (size_max < HEADER_SIZE || load32(header) != MAGIC ||
	    load32(header + 20) < VERSION ||
	    load32(header + 24) > VERSION_COMPAT)
		return false;
	total = load32(header + 4);
	structs = load32(header + 8);
	strings = load32(header + 12);
	strings_size = load32(header + 32);
	structs_size = load32(header + 36);
	if (total > size_max || structs > total || strings > total ||
	    structs_size > total - structs || strings_size > total - strings)
		return false;
	fdt->structs = header + structs;
	fdt->strings = header + strings;
	fdt->structs_size = structs_size;
	fdt->strings_size = strings_size;
	fdt->at = 0;
	fdt->depth = 0;
	return true;
}

/* The string at @at, or NULL when it does not end before @end. */
static const char *string_within(const uint8_t *at, uint32_t at_most)
{
	for (uint32_t i = 0; i < at_most; i++)
		if (!at[i])
			return (const char *)at;
	return NULL;
}

/* Takes count bytes, padded to a token; NULL when they are not there. */
static const uint8_t *take(struct dive_fdt *fdt, uint32_t count)
{
	const uint8_t *at = fdt->structs + fdt->at;

	if (count > fdt->structs_size - fdt->at)
		return NULL;
	fdt->at += count;
	fdt->at += -fdt->at & 3;
	if (fdt->at > fdt->structs_size)
		fdt->at = fdt->structs_size;
	return at;
}

static bool read_node(struct dive_fdt *fdt, struct dive_fdt_item *item)
{
	uint32_t left = fdt->structs_size - fdt->at;
	uint32_t length = 0;

	item->name = string_within(fdt->structs + fdt->at, left);
	if (!item->name || fdt->depth == DIVE_FDT_DEPTH_MAX)
		return false;
	while (item->name[length])
		length++;
	fdt->depth++;
	item->type = DIVE_FDT_NODE;
	return take(fdt, length + 1);
}

static bool read_property(struct dive_fdt *fdt, struct dive_fdt_item *item)
{
	const uint8_t *header = take(fdt, 8);
	uint32_t name;

	if (!header || !fdt->depth)
		return false;
	item->size = load32(header);
	name = load32(header + 4);
	if (name >= fdt->strings_size)
		return false;
	item->name =
		string_within(fdt->strings + name, fdt->strings_size - name);
	item->value = take(fdt, item->size);
	item->type = DIVE_FDT_PROPERTY;
	return item->name && item->value;
}

static bool read_item(struct dive_fdt *fdt, struct dive_fdt_item *item)
{
	const uint8_t *token;

	do {
		token = take(fdt, 4);
		if (!token)
			return false;
	} while (load32(token) == NOP);
	switch (load32(token)) {
	case BEGIN_NODE:
		return read_node(fdt, item);
	case PROP:
		return read_property(fdt, item);
	case END_NODE:
		item->type = DIVE_FDT_NODE_END;
		return fdt->depth-- > 0;
	case END:
		item->type = DIVE_FDT_END;
		fdt->at -= 4; /* stay here */
		return fdt->depth == 0;
	default:
		return false;
	}
}

struct dive_fdt_item dive_fdt_next(struct dive_fdt *fdt)
{
	struct dive_fdt_item item = { .type = DIVE_FDT_BAD };

	if (read_item(fdt, &item))
		return item;
	fdt->at = fdt->structs_size;
	return (struct dive_fdt_item){ .type = DIVE_FDT_BAD };
}

uint64_t dive_fdt_cells(const struct dive_fdt_item *item, uint32_t cell,
			uint32_t cells)
{
	uint64_t value = 0;

	if (cell + cells > item->size / 4)
		return 0;
	for (uint32_t i = 0; i < cells; i++)
		value = value << 32 | load32(item->value + 4 * (cell + i));
	return value;
}

const char *dive_fdt_text(const struct dive_fdt_item *item)
{
	if (!item->size || item->value[item->size - 1])
		return "";
	return (const char *)item->value;
}

bool dive_fdt_is(const char *name, const char *want)
{
	while (*want && *name == *want) {
		name++;
		want++;
	}
	return !*want && (!*name || *name == '@');
}
