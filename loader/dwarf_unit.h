/* SPDX-License-Identifier: Apache-2.0 */
/* A DWARF line program's header and tables; for dwarf_line.c only. */
#ifndef LOADER_DWARF_UNIT_H
#define LOADER_DWARF_UNIT_H

#include "loader/dwarf_line.h"

/**
 * struct dwarf_cursor - bytes still to be read
 * @at: next byte
 * @end: behind the last one
 * @bad: something went beyond the end: everything reads as 0 now
 */
struct dwarf_cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool bad;
};

/**
 * struct dwarf_unit - the header of one line program (DWARF 5, 6.2.4)
 * @sections: where strings are; borrowed
 * @version: 2 .. 5
 * @offset_size: bytes, 4 or 8
 * @min_inst: bytes that addresses count in
 * @line_base: of special opcodes
 * @line_range: of special opcodes, not 0
 * @opcode_base: first special opcode, not 0
 * @lengths: operands of opcodes 1 .. opcode_base - 1
 * @tables: directories and files
 * @program: opcodes
 */
struct dwarf_unit {
	const struct dwarf_lines *sections;
	unsigned int version;
	unsigned int offset_size;
	unsigned int min_inst;
	int line_base;
	unsigned int line_range;
	unsigned int opcode_base;
	const uint8_t *lengths;
	struct dwarf_cursor tables;
	struct dwarf_cursor program;
};

/**
 * dwarf_take() - skip bytes
 * @c: moves on
 * @n: bytes
 *
 * Return: the bytes, NULL when there are not so many.
 */
const uint8_t *dwarf_take(struct dwarf_cursor *c, uint64_t n);

/**
 * dwarf_number() - read a little-endian number
 * @c: moves on
 * @bytes: how long it is, at most 8
 *
 * Return: the number, 0 when there are not so many bytes.
 */
uint64_t dwarf_number(struct dwarf_cursor *c, unsigned int bytes);

/**
 * dwarf_leb() - read a LEB128 number
 * @c: moves on
 * @is_signed: extend the sign
 *
 * Return: its low 64 bits.
 */
uint64_t dwarf_leb(struct dwarf_cursor *c, bool is_signed);

/**
 * dwarf_unit_read() - read a header
 * @c: at the unit; moves behind it
 * @s: sections, borrowed by @u
 * @u: written
 *
 * Return: false when it makes no sense; the next unit may.
 */
bool dwarf_unit_read(struct dwarf_cursor *c, const struct dwarf_lines *s,
		     struct dwarf_unit *u);

/**
 * dwarf_unit_file() - path of a file
 * @u: as read
 * @index: as the program says
 * @to: written on success, cut; relative to where the compiler ran
 * @size: bytes at @to
 *
 * Return: false when there is no such file.
 */
bool dwarf_unit_file(const struct dwarf_unit *u, uint64_t index, char *to,
		     size_t size);

#endif
