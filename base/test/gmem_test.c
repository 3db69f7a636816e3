// SPDX-License-Identifier: Apache-2.0
// Guest memory: order, overlap, ends, and ranges over adjacent regions.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/gmem.h"

static uint8_t host[0x4000];

static int add(struct gmem *m, gpa_t gpa, uint64_t size, uint8_t *at)
{
	struct gmem_region r = { .gpa = gpa, .size = size, .host = at };

	return gmem_add(m, &r, NULL);
}

static void test_add(void **state)
{
	struct gmem m = { 0 };

	(void)state;
	assert_int_equal(add(&m, 0x3000, 0x1000, host), 0);
	assert_int_equal(add(&m, 0x1000, 0x1000, host + 0x1000), 0);
	assert_int_equal(m.count, 2);
	assert_true(m.region[0].gpa == 0x1000); /* sorted */
	assert_int_equal(add(&m, 0x2000, 0x1001, host), -EINVAL);
	assert_int_equal(add(&m, 0x1fff, 1, host), -EINVAL);
	assert_int_equal(add(&m, 0x3fff, 2, host), -EINVAL);
	assert_int_equal(add(&m, 0x0, 0x10000, host), -EINVAL);
	assert_int_equal(add(&m, 0x5000, 0, host), -EINVAL);
	assert_int_equal(add(&m, UINT64_MAX, 2, host), -EINVAL);
	assert_int_equal(add(&m, 0x2000, 0x1000, host), 0); /* fits exactly */
	assert_int_equal(m.count, 3);
}

static void test_full(void **state)
{
	struct gmem m = { 0 };

	(void)state;
	for (unsigned int i = 0; i < GMEM_REGIONS_MAX; i++)
		assert_int_equal(add(&m, i * 0x1000, 1, host), 0);
	assert_int_equal(add(&m, 0x100000, 1, host), -EINVAL);
	assert_int_equal(m.count, GMEM_REGIONS_MAX);
}

static void test_ptr(void **state)
{
	struct gmem m = { 0 };

	(void)state;
	assert_int_equal(add(&m, 0x1000, 0x1000, host), 0);
	assert_int_equal(add(&m, 0x2000, 0x1000, host + 0x1000), 0);
	assert_int_equal(add(&m, 0x3000, 0x1000, host + 0x3000), 0);
	assert_ptr_equal(gmem_ptr(&m, 0x1000, 0x1000), host);
	/* Adjacent on both sides: one range. */
	assert_ptr_equal(gmem_ptr(&m, 0x1ff8, 16), host + 0xff8);
	assert_ptr_equal(gmem_ptr(&m, 0x1000, 0x2000), host);
	/* Adjacent in the guest only. */
	assert_null(gmem_ptr(&m, 0x2ff8, 16));
	assert_null(gmem_ptr(&m, 0xfff, 1));
	assert_null(gmem_ptr(&m, 0x4000, 0));
	assert_null(gmem_ptr(&m, 0x3fff, 2));
	assert_ptr_equal(gmem_ptr(&m, 0x3fff, 1), host + 0x3fff);
	assert_null(gmem_ptr(&m, 0x3000, UINT64_MAX));
	assert_null(gmem_ptr(&m, UINT64_MAX, UINT64_MAX));
}

static void test_ends(void **state)
{
	struct gmem m = { 0 };

	(void)state;
	/* A region that ends with the last address but one. */
	assert_int_equal(add(&m, UINT64_MAX - 0x1000, 0x1000, host), 0);
	assert_ptr_equal(gmem_ptr(&m, UINT64_MAX - 1, 1), host + 0xfff);
	assert_null(gmem_ptr(&m, UINT64_MAX - 1, 2));
	assert_null(gmem_ptr(&m, UINT64_MAX, 1));
}

static void test_copy(void **state)
{
	struct gmem m = { 0 };
	char back[4] = "zzz";

	(void)state;
	assert_int_equal(add(&m, 0x1000, 0x10, host), 0);
	assert_int_equal(gmem_write(&m, 0x100c, "abc", 4), 0);
	assert_int_equal(gmem_read(&m, 0x100c, back, 4), 0);
	assert_string_equal(back, "abc");
	assert_int_equal(gmem_write(&m, 0x100d, "xyz", 4), -EFAULT);
	assert_int_equal(gmem_read(&m, 0x100d, back, 4), -EFAULT);
	assert_string_equal(back, "abc");
	assert_memory_equal(host + 12, "abc", 4); /* nothing was written */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),  cmocka_unit_test(test_full),
		cmocka_unit_test(test_ptr),  cmocka_unit_test(test_ends),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests_name("gmem", tests, NULL, NULL);
}
