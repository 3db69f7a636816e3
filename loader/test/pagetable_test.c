// SPDX-License-Identifier: Apache-2.0
// Page tables: walked as the CPU would, split, overwritten, used up.
#include "loader/pagetable.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/pagewalk.h"
#include "contract/dive/cpu.h"

#define PAGE   0x1000ull
#define BIG    0x200000ull
#define BASE   0x10000000ull /* of the memory with the tables */
#define TABLES 16
#define RW     (PTE_P | PTE_W | PTE_NX)
#define UPPER  0xffffffff80000000ull

static uint8_t ram[TABLES * PAGE];
static struct gmem mem;
static struct pagetable pt;
static struct err e;

static int setup(void **state)
{
	struct gmem_region r = { .gpa = BASE,
				 .size = sizeof(ram),
				 .host = ram };

	(void)state;
	memset(ram, 0, sizeof(ram));
	memset(&mem, 0, sizeof(mem));
	if (gmem_add(&mem, &r, NULL))
		return -1;
	return pagetable_init(&pt, &mem, BASE, sizeof(ram), &e);
}

static struct walk walk(gva_t va)
{
	const struct cpu_regs regs = { .cr0 = DIVE_ENTRY_CR0,
				       .cr3 = pt.root,
				       .cr4 = DIVE_ENTRY_CR4,
				       .efer = DIVE_ENTRY_EFER };
	struct walk w;

	pagewalk(&mem, &regs, va, &w);
	return w;
}

static void assert_mapped(gva_t va, gpa_t pa, uint64_t page_size)
{
	struct walk w = walk(va);

	assert_int_equal(w.end, WALK_MAPPED);
	assert_int_equal(w.gpa, pa);
	assert_int_equal(w.page_size, page_size);
}

static void assert_unmapped(gva_t va)
{
	assert_int_equal(walk(va).end, WALK_NOT_PRESENT);
}

static unsigned int tables_used(void)
{
	return (unsigned int)((pt.next - BASE) / PAGE);
}

static void test_nothing_is_mapped(void **state)
{
	(void)state;
	assert_int_equal(pt.root, BASE);
	assert_unmapped(0);
	assert_unmapped(BASE);
	assert_unmapped(UPPER);
	assert_unmapped(UINT64_MAX);
}

static void test_sizes(void **state)
{
	(void)state;
	/* 4 KiB before, one big page, 8 KiB behind. */
	assert_int_equal(pagetable_map(&pt, BIG - PAGE, BIG - PAGE,
				       PAGE + BIG + 2 * PAGE, RW, &e),
			 0);
	assert_unmapped(BIG - PAGE - 1);
	assert_mapped(BIG - PAGE, BIG - PAGE, PAGE);
	assert_mapped(BIG, BIG, BIG);
	assert_mapped(2 * BIG - 1, 2 * BIG - 1, BIG);
	assert_mapped(2 * BIG + PAGE, 2 * BIG + PAGE, PAGE);
	assert_unmapped(2 * BIG + 2 * PAGE);
	/* Not where only one of the addresses is aligned. */
	assert_int_equal(pagetable_map(&pt, UPPER, PAGE, BIG, RW, &e), 0);
	assert_mapped(UPPER, PAGE, PAGE);
	assert_mapped(UPPER + BIG - 1, PAGE + BIG - 1, PAGE);
	assert_unmapped(UPPER + BIG);
	assert_int_equal(pagetable_map(&pt, PAGE, BIG, BIG, RW, &e), 0);
	assert_mapped(PAGE, BIG, PAGE);
	assert_mapped(BIG, 2 * BIG - PAGE, PAGE);
	assert_unmapped(0);
}

static void test_rights(void **state)
{
	static const struct {
		uint64_t bits;
		bool writable, no_execute;
	} rows[] = {
		{ PTE_P, false, false },
		{ PTE_P | PTE_W, true, false },
		{ PTE_P | PTE_NX, false, true },
		{ RW | PTE_PCD | PTE_PWT, true, true },
	};

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		gva_t small = (i + 1) * PAGE, big = (i + 8) * BIG;
		struct walk w;

		assert_int_equal(pagetable_map(&pt, small, small, PAGE,
					       rows[i].bits, &e),
				 0);
		assert_int_equal(
			pagetable_map(&pt, big, big, BIG, rows[i].bits, &e), 0);
		for (int j = 0; j < 2; j++) {
			w = walk(j ? small : big);
			assert_int_equal(w.writable, rows[i].writable);
			assert_int_equal(w.no_execute, rows[i].no_execute);
			assert_false(w.user);
			/* Nothing for the CPU to write: A and D are set. */
			assert_int_equal(w.step[w.steps - 1].entry &
						 (rows[i].bits | PTE_A | PTE_D),
					 rows[i].bits | PTE_A | PTE_D);
		}
	}
}

static void test_split(void **state)
{
	struct walk w;

	(void)state;
	assert_int_equal(pagetable_map(&pt, 0, 0, 2 * BIG, RW | PTE_PCD, &e),
			 0);
	assert_int_equal(tables_used(), 3);
	assert_int_equal(pagetable_map(&pt, BIG + 5 * PAGE, 7 * PAGE, PAGE,
				       PTE_P, &e),
			 0);
	assert_int_equal(tables_used(), 4);
	assert_mapped(0, 0, BIG);
	for (gva_t va = BIG; va < 2 * BIG; va += PAGE) {
		bool ours = va == BIG + 5 * PAGE;

		assert_mapped(va, ours ? 7 * PAGE : va, PAGE);
		w = walk(va);
		assert_int_equal(w.writable, !ours);
		assert_int_equal(w.no_execute, !ours);
		/* Bit 7 of a small page is PAT, not size. */
		assert_int_equal(w.step[3].entry & (PTE_PS | PTE_PCD),
				 ours ? 0 : PTE_PCD);
	}
}

static void test_later_wins(void **state)
{
	(void)state;
	assert_int_equal(pagetable_map(&pt, 0, 0, 4 * BIG, RW, &e), 0);
	assert_int_equal(pagetable_map(&pt, 0, 0, PAGE, 0, &e), 0);
	assert_unmapped(0);
	assert_unmapped(PAGE - 1);
	assert_mapped(PAGE, PAGE, PAGE);
	assert_int_equal(pagetable_map(&pt, BIG, 0, BIG, 0, &e), 0);
	assert_unmapped(BIG);
	assert_unmapped(2 * BIG - 1);
	assert_mapped(2 * BIG, 2 * BIG, BIG);
	/* Back again, also over what was split. */
	assert_int_equal(pagetable_map(&pt, 0, 0, 2 * BIG, PTE_P, &e), 0);
	assert_mapped(0, 0, BIG);
	assert_mapped(BIG, BIG, BIG);
	assert_false(walk(BIG).writable);
}

static void test_ends_of_the_address_space(void **state)
{
	(void)state;
	assert_int_equal(
		pagetable_map(&pt, (1ull << 47) - PAGE, 0, PAGE, RW, &e), 0);
	assert_int_equal(pagetable_map(&pt, -BIG, 0x40000000, BIG, RW, &e), 0);
	assert_mapped((1ull << 47) - 1, PAGE - 1, PAGE);
	assert_mapped(UINT64_MAX, 0x40000000 + BIG - 1, BIG);
	assert_unmapped(-BIG - 1);
	assert_unmapped(0);
}

static void test_room_is_used_up(void **state)
{
	int rc = 0;
	gva_t va = 0;

	(void)state;
	/* Three tables each, far apart. */
	for (; !rc; va += 1ull << 39)
		rc = pagetable_map(&pt, va, 0, PAGE, RW, &e);
	assert_int_equal(rc, -ENOEXEC);
	assert_non_null(strstr(e.msg, "too many scattered segments"));
	assert_int_equal(tables_used(), TABLES);
	assert_int_equal(pt.next, pt.end);
	/* What was mapped still is; what failed leads nowhere. */
	assert_mapped(0, 0, PAGE);
	assert_int_not_equal(walk(va - (1ull << 39)).end, WALK_MAPPED);
	/* A split needs room, too. */
	assert_int_equal(pagetable_map(&pt, BIG, BIG, BIG, RW, &e), 0);
	assert_int_equal(pagetable_map(&pt, BIG, 0, PAGE, 0, &e), -ENOEXEC);
	assert_mapped(BIG, BIG, BIG);
}

static void test_bad_space(void **state)
{
	(void)state;
	assert_int_equal(pagetable_init(&pt, &mem, BASE, sizeof(ram) + PAGE,
					&e),
			 -ENOEXEC);
	assert_int_equal(pagetable_init(&pt, &mem, 0, PAGE, &e), -ENOEXEC);
	assert_int_equal(pagetable_init(&pt, &mem, BASE, 0, &e), -ENOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, setup)
		T(test_nothing_is_mapped),
		T(test_sizes),
		T(test_rights),
		T(test_split),
		T(test_later_wins),
		T(test_ends_of_the_address_space),
		T(test_room_is_used_up),
		T(test_bad_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
