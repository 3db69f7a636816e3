// SPDX-License-Identifier: Apache-2.0
// NAME@VERSION: what people call a package.
#include "pkg/ref.h"

#include <errno.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#define NUMBERS_MAX 4

bool ref_is_name(const char *text)
{
	const char *at = text;

	if (!*at || !strchr(LETTERS, *at) || strlen(text) >= REF_NAME_SIZE)
		return false;
	for (;;) {
		size_t n = strspn(at, LETTERS DIGITS);

		if (n == 0 || !at[n])
			return n > 0;
		if (!strchr("._-", at[n]))
			return false;
		at += n + 1;
	}
}

bool ref_is_version(const char *text)
{
	const char *at = text;

	if (strlen(text) >= REF_VERSION_SIZE)
		return false;
	for (int i = 0; i < NUMBERS_MAX; i++) {
		size_t n = strspn(at, DIGITS);

		/* 1.02 and 1.2 would be hard to tell apart. */
		if (n == 0 || (n > 1 && *at == '0'))
			return false;
		at += n;
		if (*at != '.')
			break;
		at++;
	}
	if (!*at)
		return at[-1] != '.';
	if (*at++ != '-')
		return false;
	for (;;) {
		size_t n = strspn(at, DIGITS LETTERS CAPITAL "-");

		if (n == 0 || !at[n])
			return n > 0;
		if (at[n] != '.')
			return false;
		at += n + 1;
	}
}

int ref_parse(const char *text, char separator, struct ref *ret, struct err *e)
{
	const char *at = strchr(text, separator);
	size_t n = at ? (size_t)(at - text) : strlen(text);

	*ret = (struct ref){ .name = "" };
	if (n < sizeof(ret->name))
		memcpy(ret->name, text, n);
	if (!ref_is_name(ret->name))
		return err_set(
			e, -EINVAL,
			"'%.80s' is not the name of a package: lower-case "
			"letters and digits, with . _ - between",
			text);
	if (!at)
		return 0;
	if (!ref_is_version(at + 1))
		return err_set(e, -EINVAL,
			       "'%.80s' is not a version; write 1.2 or "
			       "1.2.3-rc.1",
			       at + 1);
	memcpy(ret->version, at + 1, strlen(at + 1));
	return 0;
}

/* Without zeros in front the longer one is the larger. */
static int compare_numbers(const char *a, size_t a_len, const char *b,
			   size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return strncmp(a, b, a_len);
}

static int compare_words(const char *a, size_t a_len, const char *b,
			 size_t b_len)
{
	bool a_number = strspn(a, DIGITS) >= a_len;
	bool b_number = strspn(b, DIGITS) >= b_len;
	int c;

	if (a_number && b_number)
		return compare_numbers(a, a_len, b, b_len);
	if (a_number != b_number)
		return a_number ? -1 : 1;
	c = strncmp(a, b, a_len < b_len ? a_len : b_len);
	return c || a_len == b_len ? c : a_len < b_len ? -1 : 1;
}

/* 1.2 is 1.2.0. */
static int compare_parts(const char **a, const char **b)
{
	for (int i = 0; i < NUMBERS_MAX; i++) {
		size_t a_len = strspn(*a, DIGITS), b_len = strspn(*b, DIGITS);
		int c = compare_numbers(a_len ? *a : "0", a_len ? a_len : 1,
					b_len ? *b : "0", b_len ? b_len : 1);

		if (c)
			return c;
		*a += a_len;
		*b += b_len;
		*a += **a == '.';
		*b += **b == '.';
	}
	return 0;
}

int ref_compare(const char *a, const char *b)
{
	const char *x = a, *y = b;
	int c = compare_parts(&x, &y);

	/* What has a - comes before what has none. */
	if (c == 0 && !*x != !*y)
		c = *x ? -1 : 1;
	while (c == 0 && *x && *y) {
		size_t x_len = strcspn(++x, "."), y_len = strcspn(++y, ".");

		c = compare_words(x, x_len, y, y_len);
		x += x_len;
		y += y_len;
	}
	if (c == 0 && !*x != !*y)
		c = *x ? 1 : -1;
	return c ? c : strcmp(a, b);
}

bool ref_is_better(const char *version, const char *best)
{
	bool is_release = !strchr(version, '-');

	if (!*best || is_release != !strchr(best, '-'))
		return !*best || is_release;
	return ref_compare(version, best) > 0;
}
