// SPDX-License-Identifier: Apache-2.0
// Writes JSON (RFC 8259) on one line; only what dive needs.
#include "cli/json.h"

#include <inttypes.h>

static void put_code(FILE *out, unsigned int c)
{
	if (c == '"' || c == '\\')
		fprintf(out, "\\%c", c);
	else if (c < 0x20 || c >= 0x7f)
		fprintf(out, "\\u%04x", c);
	else
		putc((int)c, out);
}

static void put_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++)
		put_code(out, (unsigned char)*text);
	putc('"', out);
}

static void put_name(struct json *j, const char *name)
{
	if (j->comma)
		putc(',', j->out);
	j->comma = true;
	if (name) {
		put_string(j->out, name);
		putc(':', j->out);
	}
}

void json_open(struct json *j, const char *name, char bracket)
{
	put_name(j, name);
	putc(bracket, j->out);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	putc(bracket, j->out);
	j->comma = true;
}

void json_string(struct json *j, const char *name, const char *text)
{
	put_name(j, name);
	if (text)
		put_string(j->out, text);
	else
		fputs("null", j->out);
}

void json_codes(struct json *j, const char *name, const uint16_t *codes,
		size_t count)
{
	put_name(j, name);
	putc('"', j->out);
	for (size_t i = 0; i < count; i++)
		put_code(j->out, codes[i]);
	putc('"', j->out);
}

void json_number(struct json *j, const char *name, uint64_t value)
{
	put_name(j, name);
	fprintf(j->out, "%" PRIu64, value);
}

void json_hex(struct json *j, const char *name, uint64_t value)
{
	put_name(j, name);
	fprintf(j->out, "\"0x%" PRIx64 "\"", value);
}

void json_bool(struct json *j, const char *name, bool value)
{
	put_name(j, name);
	fputs(value ? "true" : "false", j->out);
}
