// SPDX-License-Identifier: Apache-2.0
// Page walks in all paging modes, over tables written by hand.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/pagewalk.h"

#define PG      (UINT64_C(1) << 31)
#define NX      (UINT64_C(1) << 63)
#define LMA_LME (UINT64_C(0x500))
#define NXE     (UINT64_C(1) << 11)
#define RAM     0x20000u

static uint8_t ram[RAM];
static struct gmem mem;
static struct cpu_regs regs;

static void put8(gpa_t at, uint64_t value)
{
	assert_int_equal(gmem_write(&mem, at, &value, 8), 0);
}

static void put4(gpa_t at, uint32_t value)
{
	assert_int_equal(gmem_write(&mem, at, &value, 4), 0);
}

static int setup(void **state)
{
	struct gmem_region r = { .size = RAM, .host = ram };

	(void)state;
	memset(ram, 0, RAM);
	memset(&mem, 0, sizeof(mem));
	memset(&regs, 0, sizeof(regs));
	return gmem_add(&mem, &r, NULL);
}

/* PML4 at 0x1000, PDPT 0x2000, PD 0x3000, PT 0x4000 for 0xffffffff80000000. */
static void long_mode(void)
{
	regs.cr0 = PG;
	regs.cr3 = 0x1000;
	regs.cr4 = 0x20;
	regs.efer = LMA_LME | NXE;
	put8(0x1000 + 511 * 8, 0x2003);
	put8(0x2000 + 510 * 8, 0x3007);
	put8(0x3000, 0x4003);
	put8(0x4000 + 5 * 8, NX | 0x7001);
}

static void test_flat(void **state)
{
	struct walk w;

	(void)state;
	pagewalk(&mem, &regs, 0x1234, &w);
	assert_int_equal(w.mode, WALK_FLAT);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_true(w.gpa == 0x1234 && w.in_ram);
	pagewalk(&mem, &regs, RAM, &w);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_false(w.in_ram);
}

static void test_long(void **state)
{
	struct walk w;

	(void)state;
	long_mode();
	pagewalk(&mem, &regs, 0xffffffff80005678, &w);
	assert_int_equal(w.mode, WALK_LONG);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_int_equal(w.steps, 4);
	assert_int_equal(w.step[0].level, 4);
	assert_true(w.step[3].gpa == 0x4000 + 5 * 8);
	assert_true(w.gpa == 0x7678);
	assert_true(w.page_size == 4096);
	assert_false(w.writable);
	assert_false(w.user);
	assert_true(w.no_execute);
	pagewalk(&mem, &regs, 0xffffffff80006678, &w);
	assert_int_equal(w.end, WALK_NOT_PRESENT);
	assert_int_equal(w.steps, 4);
	pagewalk(&mem, &regs, 0x800000000000, &w);
	assert_int_equal(w.end, WALK_NOT_CANONICAL);
	assert_int_equal(w.steps, 0);
}

static void test_large(void **state)
{
	struct walk w;

	(void)state;
	long_mode();
	put8(0x3000 + 8, 0x200083); /* 2 MiB */
	put8(0x2000, 0x40000083);   /* 1 GiB at 0xffffff8000000000 */
	pagewalk(&mem, &regs, 0xffffffff80212345, &w);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_true(w.page_size == UINT64_C(2) << 20);
	assert_true(w.gpa == 0x212345);
	assert_false(w.in_ram);
	pagewalk(&mem, &regs, 0xffffff8001234567, &w);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_true(w.page_size == UINT64_C(1) << 30);
	assert_true(w.gpa == 0x41234567);
}

static void test_reserved(void **state)
{
	struct walk w;

	(void)state;
	long_mode();
	put8(0x3000 + 8, 0x202083); /* bit 13 of a 2 MiB page */
	pagewalk(&mem, &regs, 0xffffffff80200000, &w);
	assert_int_equal(w.end, WALK_RESERVED);
	regs.efer &= ~NXE; /* NX is reserved then */
	pagewalk(&mem, &regs, 0xffffffff80005678, &w);
	assert_int_equal(w.end, WALK_RESERVED);
	put8(0x1000 + 511 * 8, 0x2083); /* PS in the PML4 */
	pagewalk(&mem, &regs, 0xffffffff80005678, &w);
	assert_int_equal(w.end, WALK_RESERVED);
	assert_int_equal(w.steps, 1);
}

static void test_no_table(void **state)
{
	struct walk w;

	(void)state;
	long_mode();
	regs.cr3 = RAM;
	pagewalk(&mem, &regs, 0, &w);
	assert_int_equal(w.end, WALK_NO_TABLE);
	assert_int_equal(w.steps, 0);
	assert_true(w.gpa == RAM);
	regs.cr3 = 0x1000;
	put8(0x2000 + 510 * 8, UINT64_C(0x000ffffffffff003));
	pagewalk(&mem, &regs, 0xffffffff80000000, &w);
	assert_int_equal(w.end, WALK_NO_TABLE);
	assert_int_equal(w.steps, 2);
}

/* A table that is its own child: every level is the same page. */
static void test_recursive(void **state)
{
	struct walk w;

	(void)state;
	long_mode();
	put8(0x1000, 0x1003);
	pagewalk(&mem, &regs, 0, &w);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_int_equal(w.steps, 4);
	assert_true(w.gpa == 0x1000);
	regs.cr4 |= 1 << 12; /* five levels */
	pagewalk(&mem, &regs, 0, &w);
	assert_int_equal(w.steps, 5);
	assert_int_equal(w.end, WALK_MAPPED);
	pagewalk(&mem, &regs, 0x800000000000, &w); /* canonical with LA57 */
	assert_int_not_equal(w.end, WALK_NOT_CANONICAL);
}

static void test_32bit(void **state)
{
	struct walk w;

	(void)state;
	regs.cr0 = PG;
	regs.cr3 = 0x1000;
	put4(0x1000 + 0x300 * 4, 0x2003); /* 0xc0000000 */
	put4(0x2000 + 4, 0x5001);
	put4(0x1000 + 0x301 * 4, 0x00c00083); /* 4 MiB with PSE */
	pagewalk(&mem, &regs, 0xc0001abc, &w);
	assert_int_equal(w.mode, WALK_32BIT);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_true(w.gpa == 0x5abc);
	assert_false(w.writable);
	/* Without PSE it points to a table at 0xc00000, which is not there. */
	pagewalk(&mem, &regs, 0xc0412345, &w);
	assert_int_equal(w.end, WALK_NO_TABLE);
	regs.cr4 = 0x10;
	pagewalk(&mem, &regs, 0xc0412345, &w);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_true(w.gpa == 0xc12345);
	assert_true(w.page_size == UINT64_C(4) << 20);
	put4(0x1000 + 0x301 * 4, 0x00c02083); /* PSE-36: bit 32 */
	pagewalk(&mem, &regs, 0xc0412345, &w);
	assert_true(w.gpa == UINT64_C(0x100c12345));
}

static void test_pae(void **state)
{
	struct walk w;

	(void)state;
	regs.cr0 = PG;
	regs.cr4 = 0x20;
	regs.cr3 = 0x1020; /* 32-byte aligned */
	put8(0x1020 + 3 * 8, 0x2001);
	put8(0x2000, 0x3003);
	put8(0x2008, 0x400083);
	put8(0x3008, 0x6003);
	pagewalk(&mem, &regs, 0xc0001abc, &w);
	assert_int_equal(w.mode, WALK_PAE);
	assert_int_equal(w.end, WALK_MAPPED);
	assert_int_equal(w.steps, 3);
	assert_true(w.gpa == 0x6abc);
	assert_true(w.writable);
	pagewalk(&mem, &regs, 0xc0212345, &w);
	assert_true(w.page_size == UINT64_C(2) << 20);
	assert_true(w.gpa == 0x412345);
	put8(0x1020 + 3 * 8, 0x2003); /* W is reserved in a PDPTE */
	pagewalk(&mem, &regs, 0xc0001abc, &w);
	assert_int_equal(w.end, WALK_RESERVED);
}

static void test_read(void **state)
{
	char text[8] = { 0 };

	(void)state;
	long_mode();
	put8(0x4000 + 6 * 8, 0x9003); /* not adjacent in memory */
	ram[0x7ffe] = 'a';
	ram[0x7fff] = 'b';
	ram[0x9000] = 'c';
	ram[0x9001] = 'd';
	assert_int_equal(
		pagewalk_read(&mem, &regs, 0xffffffff80005ffe, text, 4), 4);
	assert_string_equal(text, "abcd");
	assert_int_equal(
		pagewalk_read(&mem, &regs, 0xffffffff80006ffe, text, 4), 2);
	assert_int_equal(pagewalk_read(&mem, &regs, 0, text, 4), 0);
	/* Beyond the last address nothing goes on at 0. */
	assert_int_equal(pagewalk_read(&mem, &regs, UINT64_MAX, text, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_flat, setup),
		cmocka_unit_test_setup(test_long, setup),
		cmocka_unit_test_setup(test_large, setup),
		cmocka_unit_test_setup(test_reserved, setup),
		cmocka_unit_test_setup(test_no_table, setup),
		cmocka_unit_test_setup(test_recursive, setup),
		cmocka_unit_test_setup(test_32bit, setup),
		cmocka_unit_test_setup(test_pae, setup),
		cmocka_unit_test_setup(test_read, setup),
	};

	return cmocka_run_group_tests_name("pagewalk", tests, NULL, NULL);
}
