// SPDX-License-Identifier: Apache-2.0
// A DWARF line program's header and tables (DWARF 5, 6.2.4; DWARF 4, 6.2.4).
#include "loader/dwarf_unit.h"

#include <stdio.h>
#include <string.h>

enum {
	LNCT_PATH = 1,
	LNCT_DIRECTORY_INDEX
};

enum {
	FORM_DATA2 = 0x05,
	FORM_DATA4 = 0x06,
	FORM_DATA8 = 0x07,
	FORM_STRING = 0x08,
	FORM_BLOCK = 0x09,
	FORM_DATA1 = 0x0b,
	FORM_STRP = 0x0e,
	FORM_UDATA = 0x0f,
	FORM_DATA16 = 0x1e,
	FORM_LINE_STRP = 0x1f,
};

/*
 * A table reads its formats once per entry, and units share strings: without
 * these limits a small file would take hours.
 */
#define LEB_MAX    10u /* bytes: 64 bits and a little padding */
#define STRING_MAX 4096u

const uint8_t *dwarf_take(struct dwarf_cursor *c, uint64_t n)
{
	const uint8_t *p = c->at;

	if (c->bad || n > (uint64_t)(c->end - c->at)) {
		c->bad = true;
		c->at = c->end;
		return NULL;
	}
	c->at += n;
	return p;
}

uint64_t dwarf_number(struct dwarf_cursor *c, unsigned int bytes)
{
	const uint8_t *p = dwarf_take(c, bytes);
	uint64_t value = 0;

	for (unsigned int i = 0; p && i < bytes && i < 8; i++)
		value |= (uint64_t)p[i] << (8 * i);
	return value;
}

uint64_t dwarf_leb(struct dwarf_cursor *c, bool is_signed)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint64_t byte;

	do {
		if (shift >= 7 * LEB_MAX)
			c->bad = true;
		byte = dwarf_number(c, 1);
		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (is_signed && (byte & 0x40) && shift < 64)
		value |= UINT64_MAX << shift;
	return value;
}

/* A NUL-terminated string; "" when it has no end. */
static const char *string(struct dwarf_cursor *c)
{
	const uint8_t *nul = memchr(c->at, 0, (size_t)(c->end - c->at));
	const char *p = (const char *)c->at;

	if (c->bad || !nul) {
		dwarf_take(c, UINT64_MAX);
		return "";
	}
	c->at = nul + 1;
	return p;
}

static const char *string_at(const struct dwarf_bytes *b, uint64_t offset)
{
	struct dwarf_cursor c;
	uint64_t room;

	if (!b->at || offset >= b->size)
		return "";
	room = b->size - offset < STRING_MAX ? b->size - offset : STRING_MAX;
	c = (struct dwarf_cursor){ b->at + offset, b->at + offset + room,
				   false };
	return string(&c);
}

/* Reads one unit at c, which moves behind it; false when it makes no sense. */
bool dwarf_unit_read(struct dwarf_cursor *c, const struct dwarf_lines *s,
		     struct dwarf_unit *u)
{
	struct dwarf_cursor all;
	uint64_t size = dwarf_number(c, 4);
	const uint8_t *body;

	memset(u, 0, sizeof(*u));
	u->sections = s;
	u->offset_size = size == 0xffffffff ? 8 : 4;
	if (u->offset_size == 8)
		size = dwarf_number(c, 8);
	body = dwarf_take(c, size);
	if (!body)
		return false;
	all = (struct dwarf_cursor){ body, body + size, false };
	u->version = (unsigned int)dwarf_number(&all, 2);
	if (u->version < 2 || u->version > 5)
		return false;
	if (u->version == 5)
		dwarf_number(&all, 2); /* sizes of addresses and segments */
	size = dwarf_number(&all, u->offset_size);
	u->program = all;
	if (!dwarf_take(&u->program, size))
		return false;
	all.end = u->program.at;
	u->min_inst = (unsigned int)dwarf_number(&all, 1);
	if (u->version >= 4)
		dwarf_number(&all,
			     1); /* operations per instruction: 1 on x86 */
	dwarf_number(&all, 1);   /* is_stmt */
	u->line_base = (int)dwarf_number(&all, 1);
	if (u->line_base > INT8_MAX)
		u->line_base -= 256; /* a signed byte */
	u->line_range = (unsigned int)dwarf_number(&all, 1);
	u->opcode_base = (unsigned int)dwarf_number(&all, 1);
	if (u->opcode_base == 0 || u->line_range == 0)
		return false;
	u->lengths = dwarf_take(&all, u->opcode_base - 1);
	u->tables = all;
	return !all.bad;
}

/**
 * struct entry - one line of a table
 * @path: name
 * @dir: index of its directory
 */
struct entry {
	const char *path;
	uint64_t dir;
};

/*
 * One field of a version 5 table; false for a form that is not known. Text
 * that lies elsewhere is looked up only with @text.
 */
static bool field(const struct dwarf_unit *u, struct dwarf_cursor *c,
		  uint64_t form, const char **text, uint64_t *value)
{
	const struct dwarf_bytes *elsewhere = NULL;
	const char *inside = "";
	static const uint8_t fixed[] = {
		[FORM_DATA1] = 1,
		[FORM_DATA2] = 2,
		[FORM_DATA4] = 4,
		[FORM_DATA8] = 8,
	};

	switch (form) {
	case FORM_STRING:
		inside = string(c);
		break;
	case FORM_STRP:
		elsewhere = &u->sections->str;
		break;
	case FORM_LINE_STRP:
		elsewhere = &u->sections->line_str;
		break;
	case FORM_UDATA:
		*value = dwarf_leb(c, false);
		break;
	case FORM_BLOCK:
		dwarf_take(c, dwarf_leb(c, false));
		break;
	case FORM_DATA16:
		dwarf_take(c, 16);
		break;
	default:
		if (form >= sizeof(fixed) || !fixed[form])
			return false;
		*value = dwarf_number(c, fixed[form]);
		break;
	}
	if (elsewhere)
		*value = dwarf_number(c, u->offset_size);
	if (text)
		*text = elsewhere ? string_at(elsewhere, *value) : inside;
	return !c->bad;
}

/*
 * Reads a version 5 table and keeps entry @index of it. The cursor moves
 * behind the table. False when there is no such entry.
 */
static bool table5(const struct dwarf_unit *u, struct dwarf_cursor *c,
		   uint64_t index, struct entry *ret)
{
	unsigned int formats = (unsigned int)dwarf_number(c, 1);
	struct dwarf_cursor format_list = *c;
	bool found = false;
	uint64_t count;

	for (unsigned int i = 0; i < 2 * formats; i++)
		dwarf_leb(c, false);
	count = dwarf_leb(c, false);
	/* Each field takes at least one byte, so the bytes bound the loop. */
	for (uint64_t i = 0; i < count && formats > 0 && !c->bad; i++) {
		struct dwarf_cursor f = format_list;
		struct entry e = { "", 0 };

		for (unsigned int j = 0; j < formats; j++) {
			uint64_t type = dwarf_leb(&f, false);
			uint64_t form = dwarf_leb(&f, false);
			const char *text = "";
			uint64_t value = 0;

			if (!field(u, c, form, i == index ? &text : NULL,
				   &value))
				return false;
			if (type == LNCT_PATH)
				e.path = text;
			else if (type == LNCT_DIRECTORY_INDEX)
				e.dir = value;
		}
		if (i == index) {
			*ret = e;
			found = true;
		}
	}
	return found && !c->bad;
}

/* The same for versions 2 to 4, which count from 1. */
static bool table4(struct dwarf_cursor *c, bool is_files, uint64_t index,
		   struct entry *ret)
{
	bool found = false;

	for (uint64_t i = 1; !c->bad; i++) {
		struct entry e = { string(c), 0 };

		if (!*e.path)
			break;
		if (is_files) {
			e.dir = dwarf_leb(c, false);
			dwarf_leb(c, false); /* time */
			dwarf_leb(c, false); /* size */
		}
		if (i == index) {
			*ret = e;
			found = true;
		}
	}
	return found;
}

/* Path of a file: directory 0 is where the compiler ran, and left out. */
bool dwarf_unit_file(const struct dwarf_unit *u, uint64_t index, char *to,
		     size_t size)
{
	struct entry file = { "", 0 };
	struct entry dir = { "", 0 };
	struct entry skipped;
	struct dwarf_cursor c = u->tables;
	bool found;

	if (u->version == 5) {
		table5(u, &c, UINT64_MAX, &skipped);
		found = table5(u, &c, index, &file);
		c = u->tables;
		if (found && file.dir > 0)
			table5(u, &c, file.dir, &dir);
	} else {
		table4(&c, false, UINT64_MAX, &skipped);
		found = table4(&c, true, index, &file);
		c = u->tables;
		if (found && file.dir > 0)
			table4(&c, false, file.dir, &dir);
	}
	if (!found || !*file.path)
		return false;
	if (*file.path == '/' || !*dir.path)
		snprintf(to, size, "%s", file.path);
	else
		snprintf(to, size, "%s/%s", dir.path, file.path);
	return true;
}
