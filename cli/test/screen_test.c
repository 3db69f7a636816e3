// SPDX-License-Identifier: Apache-2.0
// The VGA text screen: which lines, which characters, and no memory at all.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/screen.h"

#define TEXT 0xb8000

struct stage {
	struct gmem mem;
	uint8_t *host;
	char *said;
};

static int set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct gmem_region r = { .size = 0x100000 };

	assert_non_null(s);
	s->host = r.host = calloc(1, r.size);
	assert_non_null(s->host);
	assert_int_equal(gmem_add(&s->mem, &r, NULL), 0);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	free(s->said);
	free(s->host);
	free(s);
	return 0;
}

static void write_at(struct stage *s, unsigned int row, unsigned int column,
		     const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		size_t at = TEXT + 2 * (row * 80 + column + i);

		s->host[at] = (uint8_t)text[i];
		s->host[at + 1] = 0x1b; /* an attribute is not text */
	}
}

static const char *shown(struct stage *s, bool as_json)
{
	size_t size;
	struct json j;
	FILE *out;

	free(s->said);
	s->said = NULL;
	out = open_memstream(&s->said, &size);
	assert_non_null(out);
	j = (struct json){ .out = out };
	if (as_json)
		screen_json(&j, &s->mem);
	else
		screen_print(out, &s->mem);
	fclose(out);
	return s->said;
}

static void an_empty_screen_says_so(void **state)
{
	struct stage *s = *state;

	assert_false(screen_has_text(&s->mem));
	assert_string_equal(shown(s, false),
			    "dive: the VGA text screen is empty\n");
	write_at(s, 3, 7, " ");
	assert_false(screen_has_text(&s->mem));
	assert_string_equal(shown(s, true), "\"screen\":[]");
}

static void lines_end_with_their_last_character(void **state)
{
	struct stage *s = *state;

	write_at(s, 0, 2, "xv6  ");
	write_at(s, 2, 79, "Z");
	assert_true(screen_has_text(&s->mem));
	assert_string_equal(
		shown(s, false),
		"dive: the VGA text screen:\n|   xv6\n|\n| "
		"                                                            "
		"                   Z\n");
}

static void the_last_cell_counts_and_none_behind_it(void **state)
{
	struct stage *s = *state;

	write_at(s, 25, 0, "hidden");
	assert_false(screen_has_text(&s->mem));
	write_at(s, 24, 79, "!");
	assert_true(screen_has_text(&s->mem));
}

/* An escape character is an arrow here, as on the real screen. */
static void characters_are_of_code_page_437(void **state)
{
	struct stage *s = *state;

	write_at(s, 0, 0, "\x1b[\xc9\xcd\x81\x7f\xff\x01");
	assert_string_equal(shown(s, false),
			    "dive: the VGA text screen:\n| "
			    "\u2190[\u2554\u2550\u00fc\u2302 \u263a\n");
	assert_string_equal(shown(s, true),
			    "\"screen\":[\"\\u2190[\\u2554\\u2550\\u00fc"
			    "\\u2302 \\u263a\"]");
}

static void no_memory_is_an_empty_screen(void **state)
{
	struct stage *s = *state;

	s->mem.region[0].size = TEXT + 80;
	assert_false(screen_has_text(&s->mem));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_screen_says_so),
		T(lines_end_with_their_last_character),
		T(the_last_cell_counts_and_none_behind_it),
		T(characters_are_of_code_page_437),
		T(no_memory_is_an_empty_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
