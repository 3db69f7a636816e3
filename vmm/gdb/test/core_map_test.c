// SPDX-License-Identifier: Apache-2.0
// Which memory a core shows at which address.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/gdb/core_map.h"

#define PG      (UINT64_C(1) << 31)
#define NX      (UINT64_C(1) << 63)
#define LMA_LME (UINT64_C(0x500))
#define NXE     (UINT64_C(1) << 11)
#define RAM     0x20000u
#define MORE    (UINT64_C(1) << 32) /* a second region, of one page */

static uint8_t ram[RAM + 0x1000];
static struct gmem mem;
static struct cpu_regs regs;
static struct core_map map;

static int setup(void **state)
{
	struct gmem_region low = { .size = RAM, .host = ram };
	struct gmem_region high = { .gpa = MORE,
				    .size = 0x1000,
				    .host = ram + RAM };

	(void)state;
	memset(ram, 0, sizeof(ram));
	memset(&mem, 0, sizeof(mem));
	memset(&map, 0, sizeof(map));
	regs = (struct cpu_regs){
		.cr0 = PG, .cr3 = 0x1000, .cr4 = 0x20, .efer = LMA_LME | NXE
	};
	return gmem_add(&mem, &low, NULL) || gmem_add(&mem, &high, NULL);
}

static int teardown(void **state)
{
	(void)state;
	free(map.load);
	return 0;
}

static void put8(gpa_t at, uint64_t value)
{
	assert_int_equal(gmem_write(&mem, at, &value, 8), 0);
}

static void assert_load(size_t index, gva_t va, uint64_t offset, uint64_t size,
			uint32_t flags)
{
	const Elf64_Phdr *p = &map.load[index];

	assert_true(index < map.loads);
	assert_int_equal(p->p_vaddr, va);
	assert_int_equal(p->p_offset, offset);
	assert_int_equal(p->p_memsz, size);
	assert_int_equal(p->p_filesz, size);
	assert_int_equal(p->p_flags, flags);
}

static void test_flat(void **state)
{
	(void)state;
	regs.cr0 = 0;
	assert_int_equal(core_map_make(&map, &mem, &regs), 0);
	assert_int_equal(map.loads, 2);
	assert_load(0, 0, 0, RAM, PF_R | PF_W | PF_X);
	assert_load(1, MORE, RAM, 0x1000, PF_R | PF_W | PF_X);
}

static void test_long(void **state)
{
	(void)state;
	/* the upper half: two pages in a row, one of other rights, a gap */
	put8(0x1000 + 511 * 8, 0x2003);
	put8(0x2000 + 510 * 8, 0x3003);
	put8(0x3000, 0x4003);
	put8(0x4000, 0x5003);
	put8(0x4008, 0x6003);
	put8(0x4010, 0x7001 | NX);
	put8(0x4020, MORE | 3);
	/* the last page of all */
	put8(0x2000 + 511 * 8, 0x8003);
	put8(0x8000 + 511 * 8, 0x9003);
	put8(0x9000 + 511 * 8, 0xa003);
	/* the lower half: 2 MiB of which only RAM is memory */
	put8(0x1000, 0xb003);
	put8(0xb000, 0xc003);
	put8(0xc000, 0x83);
	assert_int_equal(core_map_make(&map, &mem, &regs), 0);
	assert_int_equal(map.loads, 5);
	assert_load(0, 0xffffffff80000000, 0x5000, 0x2000, PF_R | PF_W | PF_X);
	assert_load(1, 0xffffffff80002000, 0x7000, 0x1000, PF_R);
	assert_load(2, 0xffffffff80004000, RAM, 0x1000, PF_R | PF_W | PF_X);
	assert_load(3, 0xfffffffffffff000, 0xa000, 0x1000, PF_R | PF_W | PF_X);
	assert_load(4, 0, 0, RAM, PF_R | PF_W | PF_X);
	assert_false(map.full);
}

static void test_32bit(void **state)
{
	static const uint32_t pde = 0x2003, pte[2] = { 0x5003, 0x8001 };

	(void)state;
	regs.efer = regs.cr4 = 0;
	assert_int_equal(gmem_write(&mem, 0x1000 + 4 * 1023, &pde, 4), 0);
	assert_int_equal(gmem_write(&mem, 0x2000 + 4 * 1022, pte, 8), 0);
	assert_int_equal(core_map_make(&map, &mem, &regs), 0);
	assert_int_equal(map.loads, 2);
	assert_load(0, 0xffffe000, 0x5000, 0x1000, PF_R | PF_W | PF_X);
	assert_load(1, 0xfffff000, 0x8000, 0x1000, PF_R | PF_X);
}

static void test_no_tables(void **state)
{
	(void)state;
	regs.cr3 = 0x40000000;
	assert_int_equal(core_map_make(&map, &mem, &regs), 0);
	assert_int_equal(map.loads, 0);
}

/* Every entry of a table that is its own parent: 2^36 mappings. */
static void test_hostile(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 512; i++)
		put8(0x1000 + 8 * i, 0x1003);
	assert_int_equal(core_map_make(&map, &mem, &regs), 0);
	assert_true(map.full);
	assert_int_equal(map.loads, CORE_LOADS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flat, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_32bit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_tables, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
	};

	return cmocka_run_group_tests_name("core_map", tests, NULL, NULL);
}
