// SPDX-License-Identifier: Apache-2.0
// Errors: words, context in front, cuts.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void test_set(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, -ENOENT, "%s: %d", "k", 3), -ENOENT);
	assert_int_equal(e.code, -ENOENT);
	assert_string_equal(e.msg, "k: 3");
	assert_int_equal(err_set(NULL, -EIO, "nobody reads it"), -EIO);
}

static void test_wrap(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, -ENOEXEC, "too short"), -ENOEXEC);
	assert_int_equal(err_wrap(&e, "%s", "k.elf"), -ENOEXEC);
	assert_string_equal(e.msg, "k.elf: too short");
	assert_int_equal(err_wrap(NULL, "x"), -EINVAL);
}

static void test_cut(void **state)
{
	char big[sizeof(((struct err *)0)->msg) * 2];
	struct err e = { 0 };

	(void)state;
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(err_set(&e, -EIO, "%s", big), -EIO);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_int_equal(err_wrap(&e, "%s", big), -EIO);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_int_equal(err_set(&e, -EIO, "%s", big), -EIO);
	assert_int_equal(err_wrap(&e, "b"), -EIO);
	assert_memory_equal(e.msg, "b: a", 4);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
