// SPDX-License-Identifier: Apache-2.0
// Source lines of addresses: runs DWARF line programs (DWARF 5, 6.2.5).
#include "loader/dwarf_line.h"

#include <limits.h>
#include <stdlib.h>

#include "loader/dwarf_unit.h"

#define RANGES_STEP 1024

enum {
	LNS_COPY = 1,
	LNS_ADVANCE_PC,
	LNS_ADVANCE_LINE,
	LNS_SET_FILE,
	LNS_CONST_ADD_PC = 8,
	LNS_FIXED_ADVANCE_PC,
};

enum {
	LNE_END_SEQUENCE = 1,
	LNE_SET_ADDRESS
};

struct row {
	uint64_t addr;
	uint64_t file;
	uint64_t line;
};

/* Carries out one extended opcode; true at the end of a sequence. */
static bool extended(struct dwarf_cursor *c, struct row *row)
{
	uint64_t size = dwarf_leb(c, false);
	const uint8_t *p = dwarf_take(c, size);
	struct dwarf_cursor args;

	if (!p || size == 0)
		return false;
	args = (struct dwarf_cursor){ p + 1, p + size, false };
	if (*p == LNE_SET_ADDRESS)
		row->addr = dwarf_number(
			&args, size - 1 < 8 ? (unsigned int)size - 1 : 8);
	return *p == LNE_END_SEQUENCE;
}

/* Carries out one standard opcode; true when it emits a row. */
static bool standard(const struct dwarf_unit *u, struct dwarf_cursor *c,
		     unsigned int op, struct row *row)
{
	switch (op) {
	case LNS_COPY:
		return true;
	case LNS_ADVANCE_PC:
		row->addr += dwarf_leb(c, false) * u->min_inst;
		return false;
	case LNS_ADVANCE_LINE:
		row->line += dwarf_leb(c, true);
		return false;
	case LNS_SET_FILE:
		row->file = dwarf_leb(c, false);
		return false;
	case LNS_CONST_ADD_PC:
		row->addr +=
			(uint64_t)((255 - u->opcode_base) / u->line_range) *
			u->min_inst;
		return false;
	case LNS_FIXED_ADVANCE_PC:
		row->addr += dwarf_number(c, 2);
		return false;
	default:
		for (unsigned int i = 0; i < u->lengths[op - 1]; i++)
			dwarf_leb(c, false);
		return false;
	}
}

static void special(const struct dwarf_unit *u, unsigned int op,
		    struct row *row)
{
	unsigned int n = op - u->opcode_base;

	row->addr += (uint64_t)(n / u->line_range) * u->min_inst;
	row->line +=
		(uint64_t)(int64_t)(u->line_base + (int)(n % u->line_range));
}

/* Goes on to the next row; false at the end of the program. */
static bool next_row(const struct dwarf_unit *u, struct dwarf_cursor *c,
		     struct row *row, bool *ends)
{
	*ends = false;
	while (c->at < c->end) {
		unsigned int op = (unsigned int)dwarf_number(c, 1);

		if (op >= u->opcode_base) {
			special(u, op, row);
			return true;
		}
		if (op != 0 && standard(u, c, op, row))
			return true;
		if (op == 0 && extended(c, row)) {
			*ends = true;
			return true;
		}
	}
	return false;
}

static const struct row first_row = { .file = 1, .line = 1 };

/* Runs a line program until two rows enclose the address. */
static bool run(const struct dwarf_unit *u, uint64_t addr, struct row *ret)
{
	struct dwarf_cursor c = u->program;
	struct row row = first_row;
	struct row before = first_row;
	bool any = false; /* before is a row of this sequence */
	bool ends;

	while (next_row(u, &c, &row, &ends)) {
		if (any && before.addr <= addr && addr < row.addr) {
			*ret = before;
			return true;
		}
		any = !ends;
		if (ends)
			row = first_row;
		before = row;
	}
	return false;
}

/* Remembers that a unit covers [low, high). */
static bool add_range(struct dwarf_lines *l, const uint8_t *unit, uint64_t low,
		      uint64_t high)
{
	struct dwarf_range *grown;

	if (l->count % RANGES_STEP == 0) {
		grown = realloc(l->range,
				(l->count + RANGES_STEP) * sizeof(*grown));
		if (!grown)
			return false;
		l->range = grown;
	}
	l->range[l->count++] = (struct dwarf_range){ unit, low, high };
	return true;
}

/* Runs all programs once and remembers what each of their sequences covers. */
static void make_index(struct dwarf_lines *l)
{
	struct dwarf_cursor c = { l->line.at, l->line.at, false };

	l->indexed = true;
	if (!l->line.at)
		return;
	c.end += l->line.size;
	while (c.at < c.end && !c.bad) {
		const uint8_t *at = c.at;
		struct row row = first_row;
		uint64_t low = UINT64_MAX;
		uint64_t high = 0;
		struct dwarf_cursor program;
		struct dwarf_unit u;
		bool ends;

		if (!dwarf_unit_read(&c, l, &u))
			continue;
		program = u.program;
		while (next_row(&u, &program, &row, &ends)) {
			low = row.addr < low ? row.addr : low;
			high = row.addr > high ? row.addr : high;
			if (!ends)
				continue;
			if (low < high && !add_range(l, at, low, high))
				return;
			low = UINT64_MAX;
			high = 0;
			row = first_row;
		}
	}
}

/* The line in the unit of a range. */
static bool find_in(const struct dwarf_lines *l,
		    const struct dwarf_range *range, uint64_t addr,
		    struct dwarf_place *ret)
{
	struct dwarf_cursor c = { range->unit, l->line.at + l->line.size,
				  false };
	struct dwarf_unit u;
	struct row row;

	if (!dwarf_unit_read(&c, l, &u) || !run(&u, addr, &row) ||
	    row.line == 0 || row.line > UINT_MAX ||
	    !dwarf_unit_file(&u, row.file, ret->file, sizeof(ret->file)))
		return false;
	ret->line = (unsigned int)row.line;
	return true;
}

bool dwarf_line_find(struct dwarf_lines *l, uint64_t addr,
		     struct dwarf_place *ret)
{
	const uint8_t *tried = NULL;

	if (!l->indexed)
		make_index(l);
	for (size_t i = 0; i < l->count; i++) {
		const struct dwarf_range *range = &l->range[i];

		/* Each unit once, however many of its sequences claim it. */
		if (addr < range->low || addr >= range->high ||
		    range->unit == tried)
			continue;
		if (find_in(l, range, addr, ret))
			return true;
		tried = range->unit;
	}
	return false;
}

void dwarf_line_free(struct dwarf_lines *l)
{
	free(l->range);
	l->range = NULL;
	l->count = 0;
	l->indexed = false;
}
