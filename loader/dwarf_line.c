// SPDX-License-Identifier: Apache-2.0
// Source lines of addresses: runs DWARF line programs (DWARF 5, 6.2.5).
#include "loader/dwarf_line.h"

#include <limits.h>

#include "loader/dwarf_unit.h"

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

/* Runs a line program until two rows enclose the address. */
static bool run(const struct dwarf_unit *u, uint64_t addr, struct row *ret)
{
	static const struct row first = { .file = 1, .line = 1 };
	struct dwarf_cursor c = u->program;
	struct row row = first;
	struct row before = first;
	bool any = false; /* before is a row of this sequence */

	while (c.at < c.end) {
		unsigned int op = (unsigned int)dwarf_number(&c, 1);
		bool ends = false;

		if (op >= u->opcode_base)
			special(u, op, &row);
		else if (op == 0)
			ends = extended(&c, &row);
		else if (!standard(u, &c, op, &row))
			continue;
		if (op == 0 && !ends)
			continue;
		if (any && before.addr <= addr && addr < row.addr) {
			*ret = before;
			return true;
		}
		any = !ends;
		if (ends)
			row = first;
		before = row;
	}
	return false;
}

bool dwarf_line_find(const struct dwarf_sections *s, uint64_t addr, char *file,
		     size_t size, unsigned int *ret_line)
{
	struct dwarf_cursor c = { s->line.at, s->line.at, false };
	struct dwarf_unit u;
	struct row row;

	if (!s->line.at)
		return false;
	c.end += s->line.size;
	while (c.at < c.end && !c.bad) {
		if (!dwarf_unit_read(&c, s, &u) || !run(&u, addr, &row))
			continue;
		if (row.line == 0 || row.line > UINT_MAX ||
		    !dwarf_unit_file(&u, row.file, file, size))
			return false;
		*ret_line = (unsigned int)row.line;
		return true;
	}
	return false;
}
