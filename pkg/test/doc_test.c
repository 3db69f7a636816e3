// SPDX-License-Identifier: Apache-2.0
// JSON of others: what is taken, what is refused, and where.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "pkg/doc.h"

static void refused(const char *text, const char *why)
{
	struct err e = { .code = 0 };
	struct doc d;

	assert_int_equal(doc_parse(&d, "x", text, strlen(text), &e), -EINVAL);
	assert_string_equal(e.msg, why);
}

static void taken(const char *text)
{
	struct err e = { .code = 0 };
	struct doc d;

	if (doc_parse(&d, "x", text, strlen(text), &e))
		fail_msg("%s: %s", text, e.msg);
	doc_free(&d);
}

static void test_syntax(void **state)
{
	(void)state;
	taken(" { } ");
	taken("{\"a\":[],\"A\":{\"b\":[1,-0.5e+3,true,false,null,\"\\u00e9\"]}}");
	taken("{\"a\":\"\\ud83d\\ude00 \xc3\xa9 \xf0\x9f\x98\x80 \\\"\\\\/\"}");
	refused("", "x:1:1: a value is wanted here");
	refused("[]", "x:1:1: an object is wanted: {...}");
	refused("{}x", "x:1:3: something behind the end");
	refused("{} {}", "x:1:4: something behind the end");
	refused("{\n \"a\" 1}", "x:2:6: ':' is wanted here");
	refused("{\"a\":1,}", "x:1:8: a string is wanted here");
	refused("{\"a\":1 \"b\"", "x:1:8: ',' or '}' is wanted here");
	refused("{\"a\":[1 2]}", "x:1:9: ',' or ']' is wanted here");
	refused("{a:1}", "x:1:2: a string is wanted here");
	refused("{\"a\":'b'}", "x:1:6: a value is wanted here");
	refused("{\"a\":tru}", "x:1:9: a value is wanted here");
	refused("{\"a\":NaN}", "x:1:6: a value is wanted here");
	refused("{\"a\":01}", "x:1:7: ',' or '}' is wanted here");
	refused("{\"a\":1.}", "x:1:8: a digit is wanted here");
	refused("{\"a\":-}", "x:1:7: a digit is wanted here");
	refused("{\"a\":1e}", "x:1:8: a digit is wanted here");
	refused("{\"a\":\"", "x:1:7: the string does not end");
	refused("{\"a\":\"\t\"}", "x:1:7: a control character in a string");
	refused("{\"a\":\"\\x\"}", "x:1:8: no such escape");
	refused("{\"a\":\"\\u12g4\"}",
		"x:1:11: \\u wants four hexadecimal digits");
	refused("/**/{}", "x:1:1: a value is wanted here");
	refused("\xef\xbb\xbf{}", "x:1:1: a value is wanted here");
}

/* cJSON would take all of these. */
static void test_characters(void **state)
{
	(void)state;
	refused("{\"a\":\"\\u0000\"}", "x:1:13: the character 0");
	refused("{\"a\":\"\\ud800\"}", "x:1:13: half of a surrogate pair");
	refused("{\"a\":\"\\udc00\"}", "x:1:13: half of a surrogate pair");
	refused("{\"a\":\"\xff\"}", "x:1:8: not UTF-8");
	refused("{\"a\":\"\xc0\xaf\"}", "x:1:9: not UTF-8");
	refused("{\"a\":\"\xed\xa0\x80\"}", "x:1:10: not UTF-8");
	refused("{\"a\":\"\xf4\x90\x80\x80\"}", "x:1:11: not UTF-8");
	refused("{\"a\":\"\xe2\x82\"}", "x:1:9: not UTF-8");
}

static void test_depth(void **state)
{
	char text[256] = "{\"a\":";
	size_t n = strlen(text);

	(void)state;
	memset(text + n, '[', SCAN_DEPTH_MAX - 1);
	memset(text + n + SCAN_DEPTH_MAX - 1, ']', SCAN_DEPTH_MAX - 1);
	text[n + 2 * SCAN_DEPTH_MAX - 2] = '}';
	taken(text);
	memset(text + n, '[', 200);
	refused(text, "x:1:22: nested too deep");
}

static void test_twins(void **state)
{
	(void)state;
	refused("{\"a\":1,\n\"b\":2,\n  \"a\":3}", "x:3:7: \"a\" comes twice");
	refused("{\"a\":1,\"\\u0061\":2}", "x:1:17: \"a\" comes twice");
	refused("{\"o\":[0,{\"x\":1,\"x\":2}]}", "x:1:20: \"x\" comes twice");
}

/* As many names as a hostile text has room for take no time to compare. */
static void test_many_names(void **state)
{
	enum {
		COUNT = 200000
	};
	char *text = malloc(COUNT * 12 + 16), *to = text;
	struct doc d;

	(void)state;
	assert_non_null(text);
	for (unsigned int i = 0; i < COUNT; i++)
		to += sprintf(to, "%c\"%x\":0", i ? ',' : '{', i);
	*to++ = '}';
	assert_int_equal(doc_parse(&d, "x", text, (size_t)(to - text), NULL),
			 0);
	doc_free(&d);
	free(text);
}

static void test_members(void **state)
{
	static const char text[] = "{\n\"Name\":\"no\",\n\"name\":\"yes\",\n"
				   "\"n\":7,\n\"big\":9007199254740993,\n"
				   "\"half\":1.5,\n\"less\":-1,\n\"o\":{}}";
	struct err e;
	struct doc d;
	const char *string;
	const cJSON *object;
	uint64_t n;

	(void)state;
	assert_int_equal(doc_parse(&d, "x", text, strlen(text), &e), 0);
	assert_int_equal(doc_string(&d, d.root, "name", &string, &e), 0);
	assert_string_equal(string, "yes");
	assert_int_equal(doc_string(&d, d.root, "none", &string, &e), 0);
	assert_null(string);
	assert_int_equal(doc_string(&d, d.root, "n", &string, &e), -EINVAL);
	assert_string_equal(e.msg, "x:4:5: \"n\" is to be a string");
	assert_int_equal(doc_integer(&d, d.root, "n", 7, &n, &e), 0);
	assert_int_equal(n, 7);
	assert_int_equal(doc_integer(&d, d.root, "n", 6, &n, &e), -EINVAL);
	assert_string_equal(e.msg,
			    "x:4:5: \"n\" is to be a whole number, at most 6");
	assert_int_equal(doc_integer(&d, d.root, "big", DOC_INTEGER_MAX - 1, &n,
				     &e),
			 -EINVAL);
	assert_int_equal(doc_integer(&d, d.root, "half", 9, &n, &e), -EINVAL);
	assert_int_equal(doc_integer(&d, d.root, "less", 9, &n, &e), -EINVAL);
	assert_int_equal(doc_integer(&d, d.root, "none", 9, &n, &e), -EINVAL);
	assert_string_equal(e.msg, "x:1:1: \"none\" is missing");
	assert_int_equal(doc_object(&d, d.root, "o", false, &object, &e), 0);
	assert_non_null(object);
	assert_int_equal(doc_object(&d, d.root, "o", true, &object, &e),
			 -EINVAL);
	assert_string_equal(e.msg, "x:8:5: \"o\" is to be an array");
	doc_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
