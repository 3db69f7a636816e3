/* SPDX-License-Identifier: Apache-2.0 */
/* Source lines of addresses, from DWARF 2 to 5 line programs. */
#ifndef LOADER_DWARF_LINE_H
#define LOADER_DWARF_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct dwarf_bytes - contents of a section
 * @at: borrowed; NULL when there is none
 * @size: bytes
 */
struct dwarf_bytes {
	const uint8_t *at;
	size_t size;
};

/**
 * struct dwarf_range - what one sequence of line numbers covers
 * @unit: its line program, in .debug_line
 * @low: first address
 * @high: behind the last one
 */
struct dwarf_range {
	const uint8_t *unit;
	uint64_t low;
	uint64_t high;
};

/**
 * struct dwarf_lines - what line numbers are made of, little endian
 * @line: .debug_line
 * @str: .debug_str
 * @line_str: .debug_line_str
 * @range: index, made by the first dwarf_line_find(); owned
 * @count: entries of @range
 * @indexed: the index is made
 *
 * Zero it, and set the sections. One thread at a time.
 */
struct dwarf_lines {
	struct dwarf_bytes line;
	struct dwarf_bytes str;
	struct dwarf_bytes line_str;
	struct dwarf_range *range;
	size_t count;
	bool indexed;
};

/**
 * struct dwarf_place - where an address comes from
 * @file: path as the compiler was told it, cut
 * @line: in @file
 */
struct dwarf_place {
	char file[160];
	unsigned int line;
};

/**
 * dwarf_line_find() - source file and line of an address
 * @l: sections of one file; any bytes
 * @addr: linked address
 * @ret: written on success; the file's name may be on failure, too
 *
 * Written here because libdw reads beyond the end of damaged sections (tried:
 * elfutils 0.188).
 *
 * Return: true when a line is known.
 */
bool dwarf_line_find(struct dwarf_lines *l, uint64_t addr,
		     struct dwarf_place *ret);

/**
 * dwarf_line_free() - release the index
 * @l: zeroed or used
 */
void dwarf_line_free(struct dwarf_lines *l);

#endif
