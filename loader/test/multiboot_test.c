// SPDX-License-Identifier: Apache-2.0
// The address fields of both multiboot headers, against a file of 16 KiB.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loader/multiboot.h"

#define HEADER 0x1000u
#define SIZE   0x4000u

static const struct image file = { .name = "k", .size = SIZE };

static void assert_loads(struct multiboot_fields f, uint64_t offset,
			 uint64_t filesz, uint64_t load)
{
	struct multiboot_addresses a;
	struct err e = { 0 };

	if (multiboot_addresses(&file, HEADER, &f, &a, &e) != 0)
		fail_msg("%s", e.msg);
	assert_int_equal(a.offset, offset);
	assert_int_equal(a.filesz, filesz);
	assert_int_equal(a.load, load);
}

static void the_header_is_loaded_or_left_out(void **state)
{
	(void)state;
	assert_loads((struct multiboot_fields){ 0x100000, 0x100000, 0, 0 },
		     HEADER, SIZE - HEADER, 0x100000);
	assert_loads((struct multiboot_fields){ 0x100000, 0xff000, 0, 0 }, 0,
		     SIZE, 0xff000);
	/* Nautilus begins behind it. */
	assert_loads((struct multiboot_fields){ 0x100000, 0x100040, 0x102000,
						0x105000 },
		     HEADER + 0x40, 0x1fc0, 0x100040);
	assert_loads((struct multiboot_fields){ 0x100000, UINT32_MAX, 0, 0 }, 0,
		     SIZE, 0x100000 - HEADER);
}

static void the_image_begins_within_the_file(void **state)
{
	static const struct multiboot_fields bad[] = {
		{ 0x100000, 0x100000 + SIZE - HEADER, 0, 0 },
		{ 0x100000, 0xfefff, 0, 0 },
		{ 0x100000, 0xfffffff0, 0, 0 },
		{ 0xfffffff0, 0, 0, 0 },
		{ HEADER - 1, UINT32_MAX, 0, 0 },
		{ 0, 1u << 31, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct multiboot_addresses a;
		struct err e;

		assert_int_equal(multiboot_addresses(&file, HEADER, &bad[i], &a,
						     &e),
				 -ENOEXEC);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_is_loaded_or_left_out),
		cmocka_unit_test(the_image_begins_within_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
