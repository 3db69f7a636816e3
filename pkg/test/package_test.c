// SPDX-License-Identifier: Apache-2.0
// Names, versions and the fields of a package.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pkg/package.h"

static void test_names(void **state)
{
	static const char *const good[] = { "a", "hello", "a-b", "a.b_c-1" };
	static const char *const bad[] = { "",     "A",    "1a",  "a-",
					   "a..b", "../a", "a/b", ".a",
					   "a@1",  "a b",  "a\n", "\xc3\xa9" };
	char longest[REF_NAME_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(ref_is_name(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ref_is_name(bad[i]))
			fail_msg("'%s' is taken", bad[i]);
	memset(longest, 'a', sizeof(longest));
	longest[REF_NAME_SIZE] = '\0';
	assert_false(ref_is_name(longest));
	longest[REF_NAME_SIZE - 1] = '\0';
	assert_true(ref_is_name(longest));
}

static void test_versions(void **state)
{
	/* Semantic Versioning 2.0.0, 11, and what 1.2 is there. */
	static const char *const sorted[] = { "0",
					      "0.9",
					      "1.0.0-alpha",
					      "1.0.0-alpha.1",
					      "1.0.0-alpha.beta",
					      "1.0.0-beta",
					      "1.0.0-beta.2",
					      "1.0.0-beta.11",
					      "1.0.0-rc.1",
					      "1.0.0",
					      "1.0.1",
					      "1.2",
					      "1.2.0",
					      "1.10",
					      "2.0.0.1",
					      "10" };
	static const char *const bad[] = { "",      "v1",  "1.",   "1..2",
					   "1.02",  "1-",  "1-a.", "1.2.3.4.5",
					   "1+b",   "1/2", "../1", "1-a_b",
					   "latest" };
	const size_t count = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_true(ref_is_version(sorted[i]));
		for (size_t j = 0; j < count; j++) {
			int c = ref_compare(sorted[i], sorted[j]);

			if ((c > 0) - (c < 0) != (i > j) - (i < j))
				fail_msg("%s and %s", sorted[i], sorted[j]);
		}
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ref_is_version(bad[i]))
			fail_msg("'%s' is taken", bad[i]);
	assert_true(ref_is_better("1.0-rc", ""));
	assert_true(ref_is_better("1.0", "2.0-rc"));
	assert_false(ref_is_better("2.0-rc", "1.0"));
	assert_true(ref_is_better("1.10", "1.9"));
}

static void test_ref(void **state)
{
	struct ref r;

	(void)state;
	assert_int_equal(ref_parse("a", '@', &r, NULL), 0);
	assert_string_equal(r.version, "");
	assert_int_equal(ref_parse("a:1.2", ':', &r, NULL), 0);
	assert_string_equal(r.name, "a");
	assert_string_equal(r.version, "1.2");
	assert_int_equal(ref_parse("a@", '@', &r, NULL), -EINVAL);
	assert_int_equal(ref_parse("@1", '@', &r, NULL), -EINVAL);
	assert_int_equal(ref_parse("a@1@2", '@', &r, NULL), -EINVAL);
}

static void test_paths(void **state)
{
	char longest[PACKAGE_PATH_MAX + 2];

	(void)state;
	assert_true(package_is_path("a"));
	assert_true(package_is_path("a/.b/c d/..."));
	assert_false(package_is_path(""));
	assert_false(package_is_path("/a"));
	assert_false(package_is_path("a/"));
	assert_false(package_is_path("a//b"));
	assert_false(package_is_path("./a"));
	assert_false(package_is_path("a/."));
	assert_false(package_is_path(".."));
	assert_false(package_is_path("a/../b"));
	assert_false(package_is_path("a\nb"));
	memset(longest, 'a', sizeof(longest));
	longest[PACKAGE_PATH_MAX + 1] = '\0';
	assert_false(package_is_path(longest));
	longest[PACKAGE_PATH_MAX] = '\0';
	assert_true(package_is_path(longest));
}

static void test_fields(void **state)
{
	static const char text[] =
		"{\"name\":\"a\",\"version\":\"1.0\",\"kernel\":\"k/a.elf\","
		"\"tags\":[\"x\",\"y-2\"],\"modes\":[\"hrt\",\"fullvm\"],"
		"\"memory\":\"64M@4G\",\"cpus\":4,\"success\":41,"
		"\"files\":[\"a,b\",\"c\"],\"args\":\"one  two\"}";
	struct package p, again;
	struct err e;
	cJSON *root;
	char *written;

	(void)state;
	assert_int_equal(package_parse(&p, "x", text, strlen(text), &e), 0);
	assert_string_equal(p.value[PACKAGE_TAGS], "x,y-2");
	assert_string_equal(p.value[PACKAGE_MODES], "hrt,fullvm");
	assert_string_equal(p.value[PACKAGE_CPUS], "4");
	assert_string_equal(p.value[PACKAGE_FILES], "a,b\nc");
	assert_null(p.value[PACKAGE_INITRD]);
	/* What is written is read as the same. */
	root = package_json(&p);
	written = cJSON_PrintUnformatted(root);
	assert_int_equal(
		package_parse(&again, "x", written, strlen(written), &e), 0);
	for (unsigned int i = 0; i < PACKAGE_FIELDS; i++)
		if (p.value[i])
			assert_string_equal(p.value[i], again.value[i]);
		else
			assert_null(again.value[i]);
	cJSON_free(written);
	cJSON_Delete(root);
	package_free(&again);
	package_free(&p);
}

#define BEGIN "{\"name\":\"a\",\"version\":\"1\",\"kernel\":\"k\","

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		const char *why;
	} rows[] = {
		{ "{\"name\":\"a\",\"version\":\"1\"}",
		  "x: \"kernel\" is missing: a file below this folder, without "
		  ". and .." },
		{ BEGIN "\n\"Memory\":\"1M\"}",
		  "x:2:10: there is no field \"Memory\"" },
		{ BEGIN "\"memory\":64}",
		  "x:1:49: \"memory\" is to be a string" },
		{ BEGIN "\"memory\":\"lots\"}",
		  "x:1:49: \"memory\" is to be a size such as 64M" },
		{ BEGIN "\"cpus\":0}", "x:1:47: \"cpus\" is to be 1 to 64" },
		{ BEGIN "\"cpus\":\"1\"}",
		  "x:1:47: \"cpus\" is to be a whole number, at most "
		  "9007199254740992" },
		{ BEGIN "\"initrd\":\"../../etc/passwd\"}",
		  "x:1:49: \"initrd\" is to be a file below this folder, "
		  "without . and .." },
		{ BEGIN "\"initrd\":\"/etc/passwd\"}",
		  "x:1:49: \"initrd\" is to be a file below this folder, "
		  "without . and .." },
		{ BEGIN "\"args\":\"a\\n--share=/\"}",
		  "x:1:47: \"args\" is to be one line of text" },
		{ BEGIN "\"boot\":\"linux --share\"}",
		  "x:1:47: \"boot\" is to be a boot protocol of dive" },
		{ BEGIN "\"modes\":[\"hrt\",\"x\"]}",
		  "x:1:48: \"modes\" is to be fullvm or hrt" },
		{ BEGIN "\"modes\":\"hrt\"}",
		  "x:1:48: \"modes\" is to be a list of strings" },
		{ BEGIN "\"tags\":[]}",
		  "x:1:47: \"tags\" is to be a list of strings" },
		{ BEGIN "\"tags\":[\"a\",\"b,c\"]}",
		  "x:1:52: \"tags\" is to be a list of strings" },
		{ BEGIN "\"files\":[\"a\\nb\"]}",
		  "x:1:49: \"files\" is to be a list of strings" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct package p;
		struct err e;

		assert_int_equal(package_parse(&p, "x", rows[i].text,
					       strlen(rows[i].text), &e),
				 -EINVAL);
		assert_string_equal(e.msg, rows[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),  cmocka_unit_test(test_versions),
		cmocka_unit_test(test_ref),    cmocka_unit_test(test_paths),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
