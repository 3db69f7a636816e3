// SPDX-License-Identifier: Apache-2.0
// Points, the memory below them, and the table of registers.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/gdb/points.h"
#include "vmm/gdb/regs.h"

#define RAM 0x3000u

static uint8_t ram[RAM];
static struct gmem mem;
static const struct cpu_regs flat; /* paging is off */
static struct gdb_points points;

static int setup(void **state)
{
	struct gmem_region r = { .size = RAM, .host = ram };

	(void)state;
	memset(&mem, 0, sizeof(mem));
	memset(&points, 0, sizeof(points));
	for (size_t i = 0; i < RAM; i++)
		ram[i] = (uint8_t)(i * 7);
	return gmem_add(&mem, &r, NULL);
}

static int insert(enum gdb_point type, gva_t va, uint64_t size)
{
	return gdb_points_insert(&points, &mem, &flat, type, va, size);
}

static void remove_point(enum gdb_point type, gva_t va, uint64_t size)
{
	gdb_points_remove(&points, &mem, type, va, size);
}

static void test_soft(void **state)
{
	uint8_t seen[4];

	(void)state;
	assert_int_equal(insert(GDB_POINT_SOFT, 0x101, 1), 0);
	assert_int_equal(insert(GDB_POINT_SOFT, 0x101, 1), 0);
	assert_true(gdb_points_soft_at(&points, 0x101));
	assert_false(gdb_points_soft_at(&points, 0x100));
	assert_int_equal(ram[0x101], 0xcc);
	assert_int_equal(gdb_points_read(&points, &mem, &flat, 0x100, seen, 4),
			 4);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(seen[i], (uint8_t)((0x100 + i) * 7));
	remove_point(GDB_POINT_SOFT, 0x101, 1);
	assert_int_equal(ram[0x101], (uint8_t)(0x101 * 7));
	remove_point(GDB_POINT_SOFT, 0x101, 1);
	assert_int_equal(insert(GDB_POINT_SOFT, RAM, 1), -EFAULT);
}

static void test_soft_limit(void **state)
{
	(void)state;
	for (gva_t va = 0; va < GDB_SOFT_MAX; va++)
		assert_int_equal(insert(GDB_POINT_SOFT, va, 1), 0);
	assert_int_equal(insert(GDB_POINT_SOFT, 0x800, 1), -ENOSPC);
	gdb_points_clear(&points, &mem);
	for (size_t i = 0; i < RAM; i++)
		assert_int_equal(ram[i], (uint8_t)(i * 7));
}

static void test_write(void **state)
{
	uint8_t seen[2];

	(void)state;
	assert_int_equal(insert(GDB_POINT_SOFT, 0xfff, 1), 0);
	assert_int_equal(gdb_points_write(&points, &mem, &flat, 0xfff,
					  "\x11\x22", 2),
			 0);
	assert_int_equal(ram[0xfff], 0xcc);
	assert_int_equal(ram[0x1000], 0x22);
	assert_int_equal(gdb_points_read(&points, &mem, &flat, 0xfff, seen, 2),
			 2);
	assert_memory_equal(seen, "\x11\x22", 2);
	remove_point(GDB_POINT_SOFT, 0xfff, 1);
	assert_int_equal(ram[0xfff], 0x11);
	assert_int_equal(gdb_points_write(&points, &mem, &flat, RAM - 1,
					  "\x11\x22", 2),
			 -EFAULT);
	assert_int_equal(
		gdb_points_read(&points, &mem, &flat, RAM - 1, seen, 2), 1);
	assert_int_equal(
		gdb_points_read(&points, &mem, &flat, UINT64_MAX, seen, 2), 0);
}

/* What the kernel wrote over a breakpoint is the kernel's. */
static void test_overwritten(void **state)
{
	(void)state;
	assert_int_equal(insert(GDB_POINT_SOFT, 0x20, 1), 0);
	ram[0x20] = 0x90;
	gdb_points_clear(&points, &mem);
	assert_int_equal(ram[0x20], 0x90);
}

static void test_hard(void **state)
{
	(void)state;
	assert_int_equal(gdb_points_dr7(&points), 0);
	assert_int_equal(insert(GDB_POINT_HARD, 0x1001, 1), 0);
	assert_int_equal(gdb_points_dr7(&points), 0x702);
	assert_int_equal(insert(GDB_POINT_WRITE, 0x2000, 4), 0);
	assert_int_equal(gdb_points_dr7(&points), 0xd0070a);
	assert_int_equal(insert(GDB_POINT_READ, 0x2008, 8), 0);
	assert_int_equal(insert(GDB_POINT_ACCESS, 0x2002, 2), 0);
	assert_int_equal(gdb_points_dr7(&points), 0x7bd007aa);
	assert_int_equal(insert(GDB_POINT_ACCESS, 0x2002, 2), 0);
	assert_int_equal(insert(GDB_POINT_HARD, 0x1002, 1), -ENOSPC);
	remove_point(GDB_POINT_HARD, 0x1001, 1);
	assert_int_equal(insert(GDB_POINT_HARD, 0x1002, 1), 0);
	assert_int_equal(points.hard[0].va, 0x1002);
	gdb_points_clear(&points, &mem);
	assert_int_equal(gdb_points_dr7(&points), 0);
}

static void test_hard_refused(void **state)
{
	(void)state;
	assert_int_equal(insert(GDB_POINT_WRITE, 0x2000, 3), -EINVAL);
	assert_int_equal(insert(GDB_POINT_WRITE, 0x2000, 0), -EINVAL);
	assert_int_equal(insert(GDB_POINT_WRITE, 0x2000, 16), -EINVAL);
	assert_int_equal(insert(GDB_POINT_WRITE, 0x2001, 4), -EINVAL);
}

/* The description and the table of places are the same list. */
static void check_registers(enum gdb_width width, uint64_t want, size_t bytes)
{
	static char xml[GDB_XML_MAX];
	size_t offset, size, sum = 0;
	uint64_t count = 0;
	const char *at = xml;

	gdb_regs_xml(width, xml);
	while ((at = strstr(at, "<reg name="))) {
		unsigned long bits;

		assert_true(gdb_regs_find(width, count++, &offset, &size));
		at = strstr(at, "bitsize=\"");
		bits = strtoul(at + strlen("bitsize=\""), NULL, 10);
		assert_int_equal(bits, size * 8);
		assert_true(offset + size <= sizeof(struct gdb_regs));
		sum += size;
	}
	assert_int_equal(count, want);
	assert_int_equal(sum, bytes);
	assert_false(gdb_regs_find(width, count, &offset, &size));
	assert_false(gdb_regs_find(width, UINT64_MAX, &offset, &size));
}

static void test_registers(void **state)
{
	size_t offset, size;

	(void)state;
	check_registers(GDB_WIDE, 65, sizeof(struct gdb_regs));
	check_registers(GDB_NARROW, 47, 9 * 4 + 7 * 4 + 80 + 32 + 128 + 4 + 48);
	/* rip and eip have the numbers that gdb gives them itself */
	assert_true(gdb_regs_find(GDB_WIDE, 16, &offset, &size));
	assert_int_equal(offset, offsetof(struct gdb_regs, rip));
	assert_int_equal(size, 8);
	assert_true(gdb_regs_find(GDB_NARROW, 8, &offset, &size));
	assert_int_equal(offset, offsetof(struct gdb_regs, rip));
	assert_int_equal(size, 4);
}

static void test_tags(void **state)
{
	(void)state;
	assert_int_equal(gdb_regs_abridged(0xffff), 0);
	assert_int_equal(gdb_regs_abridged(0), 0xff);
	assert_int_equal(gdb_regs_abridged(0x3ffc), 0x81);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_soft, setup),
		cmocka_unit_test_setup(test_soft_limit, setup),
		cmocka_unit_test_setup(test_write, setup),
		cmocka_unit_test_setup(test_overwritten, setup),
		cmocka_unit_test_setup(test_hard, setup),
		cmocka_unit_test_setup(test_hard_refused, setup),
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_tags),
	};

	return cmocka_run_group_tests_name("gdb_points", tests, NULL, NULL);
}
