/* SPDX-License-Identifier: Apache-2.0 */
/* A command line in one string, for tests. Behind <cmocka.h>. */
#ifndef CLI_TEST_LINE_H
#define CLI_TEST_LINE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

#define WORDS_MAX 24

/* Splits a line at blanks; '_' stands for a blank within a word. */
struct line {
	char text[512];
	char *argv[WORDS_MAX];
	int argc;
	struct options o;
	struct err e;
};

static inline int parse(struct line *l, const char *text)
{
	char *save = NULL;

	memset(l, 0, sizeof(*l));
	snprintf(l->text, sizeof(l->text), "dive %s", text);
	for (char *w = strtok_r(l->text, " ", &save); w;
	     w = strtok_r(NULL, " ", &save)) {
		for (char *c = w; *c; c++)
			if (*c == '_')
				*c = ' ';
		assert_true(l->argc < WORDS_MAX - 1);
		l->argv[l->argc++] = w;
	}
	return options_parse(&l->o, l->argc, l->argv, &l->e);
}

static inline void refuse(const char *text, const char *message)
{
	struct line l;

	assert_int_equal(parse(&l, text), -EINVAL);
	assert_string_equal(l.e.msg, message);
	options_free(&l.o);
}

#endif
