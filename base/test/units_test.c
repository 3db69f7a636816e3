// SPDX-License-Identifier: Apache-2.0
// Sizes, numbers, durations and CPU lists: what is taken, what is refused.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/units.h"

static void test_number(void **state)
{
	static const char *const bad[] = { "",   "x",  "-1", "1 ",   "0x",
					   "1k", "+1", " 1", "0xg1", "1.5" };
	uint64_t n = 7;

	(void)state;
	assert_int_equal(units_number("0", 9, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(units_number("010", 99, &n, NULL), 0);
	assert_int_equal(n, 10); /* not octal */
	assert_int_equal(units_number("0xfF", 255, &n, NULL), 0);
	assert_int_equal(n, 255);
	assert_int_equal(
		units_number("18446744073709551615", UINT64_MAX, &n, NULL), 0);
	assert_true(n == UINT64_MAX);
	n = 7;
	assert_int_equal(units_number("18446744073709551616", UINT64_MAX, &n,
				      NULL),
			 -EINVAL);
	assert_int_equal(units_number("256", 255, &n, NULL), -EINVAL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(units_number(bad[i], UINT64_MAX, &n, NULL),
				 -EINVAL);
	assert_int_equal(n, 7); /* untouched on failure */
}

static void test_size(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "64k", 65536 },
		{ "256M", UINT64_C(256) << 20 },
		{ "1G", UINT64_C(1) << 30 },
		{ "2T", UINT64_C(2) << 40 },
		{ "0x10m", UINT64_C(16) << 20 },
		{ "16777215T", UINT64_C(16777215) << 40 },
	};
	static const char *const bad[] = { "",    "M",   "1MB",       "1P",
					   "1 M", "-1M", "16777216T", "1.5G" };
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(units_size(good[i].text, &n, NULL), 0);
		assert_true(n == good[i].bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(units_size(bad[i], &n, NULL), -EINVAL);
}

static void test_size_at(void **state)
{
	static const char *const bad[] = {
		"",
		"1M@",
		"@1M",
		"1M@1M@1M",
		"0",
		"0@1M",
		"1M@0xfffffffffff00001",
		"1M@x",
	};
	uint64_t size;
	uint64_t base;

	(void)state;
	assert_int_equal(units_size_at("64M@0x60000000", &size, &base, NULL),
			 0);
	assert_true(size == UINT64_C(64) << 20);
	assert_true(base == 0x60000000);
	assert_int_equal(units_size_at("1G", &size, &base, NULL), 0);
	assert_true(base == 0);
	assert_int_equal(
		units_size_at("1M@0xffffffffffe00000", &size, &base, NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(units_size_at(bad[i], &size, &base, NULL),
				 -EINVAL);
}

static void test_seconds(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "0", 0 },
		{ "5", UINT64_C(5000000000) },
		{ "0.25", 250000000 },
		{ ".5", 500000000 },
		{ "1.", 1000000000 },
		{ "0.0000000019", 1 },
		{ "18446744073.709551615", UINT64_MAX },
	};
	static const char *const bad[] = {
		"",
		".",
		"-1",
		"1s",
		"1e3",
		"1.2.3",
		"0x5",
		"nan",
		"18446744073.709551616",
		"99999999999999999999",
	};
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(units_seconds(good[i].text, &ns, NULL), 0);
		assert_true(ns == good[i].ns);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(units_seconds(bad[i], &ns, NULL), -EINVAL);
}

static void test_cpu_list(void **state)
{
	static const char *const bad[] = {
		"",      ",",
		"1,",    ",1",
		"1-",    "-1",
		"3-1",   "1,1",
		"0-3,2", "1--2",
		"65536", "0-18446744073709551615",
		"1 2",   "0-4" /* five, room for four */,
	};
	unsigned int list[4];
	unsigned int count;
	struct err e;

	(void)state;
	assert_int_equal(units_cpu_list("3", list, 4, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(list[0], 3);
	assert_int_equal(units_cpu_list("8,0-2", list, 4, &count, NULL), 0);
	assert_int_equal(count, 4);
	assert_int_equal(list[0], 8);
	assert_int_equal(list[3], 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(units_cpu_list(bad[i], list, 4, &count, &e),
				 -EINVAL);
	assert_string_equal(e.msg, "'0-4' names more than 4 CPUs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),   cmocka_unit_test(test_size),
		cmocka_unit_test(test_size_at),  cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_cpu_list),
	};

	return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
