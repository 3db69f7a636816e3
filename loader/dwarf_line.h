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
 * struct dwarf_sections - what line numbers are made of, little endian
 * @line: .debug_line
 * @str: .debug_str
 * @line_str: .debug_line_str
 */
struct dwarf_sections {
	struct dwarf_bytes line;
	struct dwarf_bytes str;
	struct dwarf_bytes line_str;
};

/**
 * dwarf_line_find() - source file and line of an address
 * @s: sections of one file; any bytes
 * @addr: linked address
 * @file: written on success: the path as the compiler was told it, cut
 * @size: bytes at @file, at least 1
 * @ret_line: written on success
 *
 * Every line program is run until one covers @addr: the time grows with
 * .debug_line, the memory does not. Written here because libdw reads beyond
 * the end of damaged sections (tried: elfutils 0.188).
 *
 * Return: true when a line is known.
 */
bool dwarf_line_find(const struct dwarf_sections *s, uint64_t addr, char *file,
		     size_t size, unsigned int *ret_line);

#endif
