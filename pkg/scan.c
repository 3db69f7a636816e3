// SPDX-License-Identifier: Apache-2.0
// Is a text JSON (RFC 8259), to the letter? And where does each value begin?
#include "pkg/scan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct scan *scan;
	const char *text, *at, *end;
	size_t room;
	unsigned int depth;
	bool no_memory;
};

static bool fail(struct reader *r, const char *why)
{
	r->scan->why = why;
	return false;
}

/* The next byte, or -1 at the end. */
static int peek(const struct reader *r)
{
	return r->at < r->end ? (unsigned char)*r->at : -1;
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != (unsigned char)c)
		return false;
	r->at++;
	return true;
}

static void skip_blanks(struct reader *r)
{
	while (take(r, ' ') || take(r, '\t') || take(r, '\n') || take(r, '\r'))
		;
}

static bool note(struct reader *r)
{
	struct scan *s = r->scan;

	if (s->count == r->room) {
		size_t room = r->room ? r->room * 2 : 64;
		size_t *more = reallocarray(s->begin, room, sizeof(*more));

		r->no_memory = !more;
		if (!more)
			return fail(r, "no memory");
		s->begin = more;
		r->room = room;
	}
	s->begin[s->count++] = (size_t)(r->at - r->text);
	return true;
}

static bool hex4(struct reader *r, unsigned int *ret)
{
	*ret = 0;
	for (unsigned int i = 0; i < 4; i++) {
		int c = peek(r);
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return fail(r, "\\u wants four hexadecimal digits");
		*ret = *ret << 4 | (unsigned int)digit;
		r->at++;
	}
	return true;
}

static bool escape(struct reader *r)
{
	unsigned int code, low;
	int c = peek(r);

	if (c != 'u') {
		if (c <= 0 || !strchr("\"\\/bfnrt", c))
			return fail(r, "no such escape");
		r->at++;
		return true;
	}
	r->at++;
	if (!hex4(r, &code))
		return false;
	if (code == 0)
		return fail(r, "the character 0");
	if (code < 0xd800 || code > 0xdfff)
		return true;
	if (code > 0xdbff || !take(r, '\\') || !take(r, 'u') ||
	    !hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
		return fail(r, "half of a surrogate pair");
	return true;
}

/* Unicode 15, table 3-7: well-formed UTF-8. */
static bool utf8(struct reader *r, int first)
{
	int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	uint32_t code = (uint32_t)first & (0x3fu >> more);
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	for (int i = 0; i < more; i++) {
		int c = peek(r);

		if (c < 0x80 || c > 0xbf)
			return fail(r, "not UTF-8");
		code = code << 6 | ((uint32_t)c & 0x3f);
		r->at++;
	}
	if (first < 0xc0 || first > 0xf4 || code < least[more] ||
	    code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return fail(r, "not UTF-8");
	return true;
}

static bool string(struct reader *r)
{
	if (!take(r, '"'))
		return fail(r, "a string is wanted here");
	for (;;) {
		int c = peek(r);

		if (c < 0)
			return fail(r, "the string does not end");
		if (c < 0x20)
			return fail(r, "a control character in a string");
		r->at++;
		if (c == '"')
			return true;
		if (c == '\\' && !escape(r))
			return false;
		if (c >= 0x80 && !utf8(r, c))
			return false;
	}
}

static bool digits(struct reader *r)
{
	const char *begin = r->at;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at != begin || fail(r, "a digit is wanted here");
}

static bool number(struct reader *r)
{
	take(r, '-');
	if (!take(r, '0') && !digits(r))
		return false;
	if (take(r, '.') && !digits(r))
		return false;
	if (!take(r, 'e') && !take(r, 'E'))
		return true;
	if (!take(r, '+'))
		take(r, '-');
	return digits(r);
}

static bool word(struct reader *r, const char *text)
{
	for (; *text; text++)
		if (!take(r, *text))
			return fail(r, "a value is wanted here");
	return true;
}

static bool value(struct reader *r);

static bool list(struct reader *r, char closing)
{
	if (++r->depth > SCAN_DEPTH_MAX)
		return fail(r, "nested too deep");
	skip_blanks(r);
	if (take(r, closing)) {
		r->depth--;
		return true;
	}
	for (;;) {
		skip_blanks(r);
		if (closing == '}') {
			if (!string(r))
				return false;
			skip_blanks(r);
			if (!take(r, ':'))
				return fail(r, "':' is wanted here");
			skip_blanks(r);
		}
		if (!value(r))
			return false;
		skip_blanks(r);
		if (take(r, closing))
			break;
		if (!take(r, ','))
			return fail(r, closing == '}'
					       ? "',' or '}' is wanted here"
					       : "',' or ']' is wanted here");
	}
	r->depth--;
	return true;
}

static bool value(struct reader *r)
{
	if (!note(r))
		return false;
	switch (peek(r)) {
	case '{':
		r->at++;
		return list(r, '}');
	case '[':
		r->at++;
		return list(r, ']');
	case '"':
		return string(r);
	case 't':
		return word(r, "true");
	case 'f':
		return word(r, "false");
	case 'n':
		return word(r, "null");
	default:
		if (peek(r) == '-' || (peek(r) >= '0' && peek(r) <= '9'))
			return number(r);
		return fail(r, "a value is wanted here");
	}
}

int scan_text(struct scan *s, const char *text, size_t size)
{
	struct reader r = {
		.scan = s, .text = text, .at = text, .end = text + size
	};
	bool good;

	*s = (struct scan){ .why = NULL };
	skip_blanks(&r);
	good = value(&r);
	if (good)
		skip_blanks(&r);
	if (good && r.at != r.end)
		good = fail(&r, "something behind the end");
	s->at = (size_t)(r.at - r.text);
	if (good)
		return 0;
	free(s->begin);
	s->begin = NULL;
	return r.no_memory ? -ENOMEM : -EINVAL;
}
