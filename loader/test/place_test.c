// SPDX-License-Identifier: Apache-2.0
// Room in RAM: the lowest, the highest, around what is taken, never over it.
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"
#include "loader/layout.h"
#include "loader/place.h"

static struct lab lab;
static struct place place;
static struct err e;

static int setup(void **state)
{
	(void)state;
	lab_setup(&lab, 4u << 20);
	place = (struct place){ .req = &lab.req };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_teardown(&lab);
	return 0;
}

static gpa_t find(uint64_t size, uint64_t align, gpa_t lo, gpa_t hi, bool down)
{
	struct place_want w = { .what = "it",
				.size = size,
				.align = align,
				.lo = lo,
				.hi = hi,
				.top_down = down };
	gpa_t at = UINT64_MAX;

	return place_find(&place, &w, &at, &e) ? UINT64_MAX : at;
}

static void only_ram_is_found(void **state)
{
	(void)state;
	assert_int_equal(find(0x1000, 0x1000, 0x9f000, LAYOUT_END, false),
			 0x100000);
	assert_int_equal(find(0xc00, 1, 0x9f000, LAYOUT_END, false), 0x9f000);
	assert_int_equal(find(0x1000, 0x1000, 0, LAYOUT_END, true), 0x3ff000);
	assert_int_equal(find(0x300001, 1, 0, LAYOUT_END, false), UINT64_MAX);
	assert_non_null(strstr(e.msg, "--mem"));
}

static void limits_hold(void **state)
{
	(void)state;
	assert_int_equal(find(0x1000, 1, 0x200000, 0x201000, false), 0x200000);
	assert_int_equal(find(1, 1, 0x200000, 0x201000, false), UINT64_MAX);
	assert_int_equal(find(1, 1, 0x201000, 0x200000, false), UINT64_MAX);
	assert_int_equal(find(0x1000, 0x1000, 0x200001, 0x301001, true),
			 0x300000);
	assert_int_equal(find(0x2000, 1, 0x300000, 0x301fff, false),
			 UINT64_MAX);
}

static void what_is_taken_stays(void **state)
{
	(void)state;
	assert_int_equal(place_image(&place, 0x101000, 0x2000, &e), 0);
	assert_int_equal(find(0x1000, 0x1000, 0x100000, LAYOUT_END, false),
			 0x100000);
	assert_int_equal(find(0x1000, 0x1000, 0x100000, LAYOUT_END, false),
			 0x103000);
	assert_int_equal(find(0x1000, 0x1000, 0x100000, 0x105000, true),
			 0x104000);
	assert_int_equal(find(0x1000, 0x1000, 0x100000, 0x105000, true),
			 UINT64_MAX);
}

static void wish_is_granted_if_free(void **state)
{
	struct place_want w = { .what = "it",
				.size = 0x1000,
				.align = 0x1000,
				.prefer = 0x200000,
				.lo = 0x100000,
				.hi = LAYOUT_END };
	gpa_t at;

	(void)state;
	assert_int_equal(place_find(&place, &w, &at, &e), 0);
	assert_int_equal(at, 0x200000);
	assert_int_equal(place_find(&place, &w, &at, &e), 0);
	assert_int_equal(at, 0x100000);
}

static void image_must_be_ram_below_4g(void **state)
{
	static const struct extent bad[] = {
		{ 0x9f000, 0x1000 }, { 0xe0000, 1 },    { 0xfffff, 2 },
		{ 0x3fffff, 2 },     { 0xfec00000, 1 }, { 0x100000800, 1 },
		{ UINT64_MAX, 1 },   { 0, UINT64_MAX },
	};

	struct gmem_region high = { 1ull << 32, 0x1000, lab.host, false };

	(void)state;
	assert_int_equal(gmem_add(&lab.mem, &high, &e), 0);
	lab.board.range[lab.board.ranges++] =
		(struct board_range){ 1ull << 32, 0x1000, RANGE_RAM };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(place_image(&place, bad[i].lo, bad[i].hi, &e),
				 -ENOEXEC);
	assert_non_null(strstr(
		e.msg, "RAM is 0x0 .. 0x9fc00, 0x100000 .. 0x400000, 0x1"));
	assert_int_equal(place_image(&place, 0, 0x9fc00, &e), 0);
	assert_int_equal(place_image(&place, 0x100000, 0x300000, &e), 0);
	assert_int_equal(find(1, 1, 0, LAYOUT_END, false), UINT64_MAX);
}

/* Random requests against a map of every page. */
static void nothing_overlaps(void **state)
{
	static uint8_t used[1024];

	(void)state;
	srand(1);
	for (unsigned int i = 0; i < PLACE_MAX; i++) {
		uint64_t pages = 1 + (unsigned int)rand() % 8;
		uint64_t align = 0x1000ull << rand() % 4;
		gpa_t at = find(pages * 4096, align, 0, LAYOUT_END, rand() & 1);

		if (at == UINT64_MAX)
			continue;
		assert_int_equal(at % align, 0);
		for (uint64_t p = at >> 12; p < (at >> 12) + pages; p++) {
			assert_int_equal(used[p], 0);
			used[p] = 1;
		}
	}
	for (unsigned int p = 0x9f; p < 0x100; p++)
		assert_int_equal(used[p], 0);
}

static void module_that_does_not_fit_is_named(void **state)
{
	static uint8_t large[3 << 20];
	struct placed_file files[2 * LOAD_FILES_MAX];
	struct placed_file initrd;
	unsigned int count;
	struct image img;

	(void)state;
	assert_int_equal(lab_open(&img, large, sizeof(large), "big", &e), 0);
	assert_int_equal(place_image(&place, 0x200000, 0x1000, &e), 0);
	lab.req.module[0].image = &img;
	lab.req.modules = 1;
	assert_int_equal(place_modules(&place, false, files, &count, &e),
			 -ENOEXEC);
	assert_non_null(strstr(e.msg, "big"));
	lab.req.initrd[0].image = &img;
	lab.req.initrds = 1;
	assert_int_equal(place_initrd(&place, LAYOUT_END, &initrd, &e),
			 -ENOEXEC);
	assert_non_null(strstr(e.msg, "initrd"));
	image_close(&img);
}

/* A hundred segments of the same bytes: a sparse file would load for ever. */
static void segments_share_no_bytes(void **state)
{
	static uint8_t file[0x2000];
	struct lab_segment s[2] = {
		{ PT_LOAD, 0x1000, 0, 0x100000, 0x800, 0x800 },
		{ PT_LOAD, 0x1800, 0, 0x200000, 0x800, 0x1000 },
	};
	struct image img;

	(void)state;
	lab_elf(file, true, 0x100000, s, 2);
	assert_int_equal(lab_open(&img, file, sizeof(file), "it", &e), 0);
	assert_int_equal(place_elf(&place, &img, 0, &e), 0);
	image_close(&img);
	s[0] =
		(struct lab_segment){ PT_LOAD,  0x400,  0,
				      0x180000, 0x1c00, 0x1c00 };
	lab_elf(file, true, 0x180000, s, 2);
	assert_int_equal(lab_open(&img, file, sizeof(file), "it", &e), 0);
	assert_int_equal(place_elf(&place, &img, 0, &e), -ENOEXEC);
	assert_non_null(strstr(e.msg, "more bytes than the file"));
	image_close(&img);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_ram_is_found),
		T(limits_hold),
		T(what_is_taken_stays),
		T(wish_is_granted_if_free),
		T(image_must_be_ram_below_4g),
		T(nothing_overlaps),
		T(segments_share_no_bytes),
		T(module_that_does_not_fit_is_named)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
