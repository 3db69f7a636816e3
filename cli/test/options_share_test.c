// SPDX-License-Identifier: Apache-2.0
// --share: directories, tags, and what cannot be one.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

static struct options o;
static struct err e;

/* Takes the words; the command line must be as it was afterwards. */
static int take(const char *words)
{
	char copy[80];
	int rc;

	snprintf(copy, sizeof(copy), "%s", words);
	rc = options_set_share(&o, copy, &e);
	assert_string_equal(copy, words);
	return rc;
}

static void is(const char *words, const char *dir, const char *tag,
	       bool readonly)
{
	assert_int_equal(take(words), 0);
	assert_int_equal(o.run.shares, 1);
	assert_string_equal(o.run.share[0].dir, dir);
	assert_string_equal(o.run.share[0].tag, tag);
	assert_int_equal(o.run.share[0].readonly, readonly);
	options_free_shares(&o);
}

static void refused(const char *words, const char *message)
{
	unsigned int shares = o.run.shares;

	assert_int_equal(take(words), -EINVAL);
	assert_string_equal(e.msg, message);
	assert_int_equal(o.run.shares, shares);
}

static void test_words(void **state)
{
	(void)state;
	is("/srv", "/srv", "share", false);
	is("/srv:ro", "/srv", "share", true);
	is("/srv:data", "/srv", "data", false);
	is("/srv:data:ro", "/srv", "data", true);
	is("a:b/c", "a:b/c", "share", false);
	is("a:ro:b", "a:ro", "b", false);
	is("a:b:c", "a:b", "c", false);
	is("a:123456789012345678901234567890123456", "a",
	   "123456789012345678901234567890123456", false);
}

static void test_refused(void **state)
{
	(void)state;
	refused(":x", "the name of the directory is empty");
	refused("", "the name of the directory is empty");
	refused("a:", "the guest's tag must have 1 to 36 characters");
	refused("a::ro", "the guest's tag must have 1 to 36 characters");
	refused("a:1234567890123456789012345678901234567",
		"the guest's tag must have 1 to 36 characters");
}

static void test_several(void **state)
{
	(void)state;
	assert_int_equal(take("a"), 0);
	refused("b", "the tag 'share' is taken; write DIR:TAG");
	refused("b:share:ro", "the tag 'share' is taken; write DIR:TAG");
	assert_int_equal(take("b:2"), 0);
	assert_int_equal(take("c:3"), 0);
	assert_int_equal(take("d:4"), 0);
	refused("e:5", "more than 4 directories");
	options_free_shares(&o);
	assert_int_equal(o.run.shares, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_several),
	};

	return cmocka_run_group_tests_name("options_share", tests, NULL, NULL);
}
