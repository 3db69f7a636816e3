// SPDX-License-Identifier: Apache-2.0
// What a contract kernel finds mapped at its first instruction, and how.
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bay.h"
#include "contract/dive/control.h"
#include "contract/dive/cpu.h"
#include "contract/dive/ring.h"
#include "contract/stub/stub.h"
#include "loader/pagetable.h"

#define PAGE  0x1000ull
#define MIB   (1u << 20)
#define LAPIC 0xfee00000u
#define UPPER 0xffffffff80000000ull

static struct bay bay;
static struct contract_area area;

static int setup(void **state)
{
	(void)state;
	bay_setup(&bay, 0, 16 * MIB);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bay_teardown(&bay);
	return 0;
}

static void load(void)
{
	assert_int_equal(bay_load(&bay), 0);
	assert_int_equal(contract_plan(&bay.board, &area, &bay.e), 0);
}

/* Each page of [va, va + size) leads to pa onwards and has these rights. */
static void assert_rights(gva_t va, gpa_t pa, uint64_t size, const char *rights)
{
	for (uint64_t at = 0; at < size; at += PAGE) {
		gpa_t gpa = UINT64_MAX;
		const char *got = bay_rights(&bay, va + at, &gpa);

		if (strcmp(got, rights) != 0)
			fail_msg("0x%llx is %s, not %s",
				 (unsigned long long)(va + at), got, rights);
		if (strcmp(rights, "-") != 0)
			assert_int_equal(gpa, pa + at);
	}
}

static void assert_one_to_one(gpa_t at, uint64_t size, const char *rights)
{
	assert_rights(at, at, size, rights);
}

static void assert_kernel(gva_t va, gpa_t pa)
{
	assert_rights(va, pa, 0x2000, "rx");
	assert_rights(va + 0x2000, pa + 0x2000, PAGE, "r");
	assert_rights(va + 0x3000, pa + 0x3000, 0x3000, "rw");
}

static void assert_area(void)
{
	uint64_t ring = DIVE_RING_HEADER + bay.board.ring_size;
	uint64_t end = area.gpa + area.size;

	assert_one_to_one(area.control, DIVE_CONTROL_SIZE, "rw");
	assert_one_to_one(area.cpu_pages,
			  bay.board.cpus * (uint64_t)CPU_PAGE_SIZE, "rw");
	for (unsigned int i = 0; i < bay.board.cpus; i++) {
		gpa_t guard = area.stacks + i * (PAGE + DIVE_STACK_SIZE);

		assert_one_to_one(guard, PAGE, "-");
		assert_one_to_one(guard + PAGE, DIVE_STACK_SIZE, "rw");
	}
	assert_one_to_one(area.tables, area.tables_size, "rw");
	for (unsigned int i = 0; i < CONTRACT_RINGS; i++)
		assert_one_to_one(area.ring[i], ring, "rw");
	assert_one_to_one(area.readonly, area.fdt - area.readonly, "rx");
	assert_one_to_one(area.fdt, end - area.fdt, "r");
	assert_rights(end, 0, PAGE, "-");
}

static void test_ram_at_0(void **state)
{
	(void)state;
	bay.board.cpus = 3;
	load();
	assert_rights(0, 0, PAGE, "-");
	assert_one_to_one(PAGE, BAY_LINK - PAGE, "rw");
	assert_kernel(BAY_LINK, BAY_LINK);
	assert_one_to_one(BAY_LINK + 0x6000, area.control - BAY_LINK - 0x6000,
			  "rw");
	assert_area();
	assert_one_to_one(LAPIC, PAGE, "rw");
	assert_rights(LAPIC + PAGE, 0, PAGE, "-");
	assert_rights(LAPIC - PAGE, 0, PAGE, "-");
	assert_rights(UPPER, 0, 4 * PAGE, "-");
}

static void test_ram_elsewhere(void **state)
{
	const gpa_t base = 0x60001000;

	(void)state;
	bay_teardown(&bay);
	bay_setup(&bay, base, 16 * MIB);
	load();
	assert_rights(0, 0, BAY_LINK + 0x6000, "-");
	assert_rights(base - PAGE, 0, PAGE, "-");
	assert_one_to_one(base, 0x60200000 - base, "rw");
	assert_kernel(0x60200000, 0x60200000);
	assert_area();
}

static void test_x2apic(void **state)
{
	struct cpu_regs regs;
	struct walk w;

	(void)state;
	bay.board.x2apic = true;
	load();
	assert_rights(LAPIC, 0, PAGE, "-");
	bay.board.x2apic = false;
	load();
	regs = (struct cpu_regs){ .cr0 = DIVE_ENTRY_CR0,
				  .cr3 = bay.loaded.entry.cr3,
				  .cr4 = DIVE_ENTRY_CR4,
				  .efer = DIVE_ENTRY_EFER };
	pagewalk(&bay.mem, &regs, LAPIC, &w);
	assert_int_equal(w.page_size, PAGE);
	/* Uncached: PAT entry 3 of DIVE_ENTRY_PAT_LO. */
	assert_int_equal(w.step[3].entry & (PTE_PCD | PTE_PWT),
			 PTE_PCD | PTE_PWT);
}

static void test_virt_base(void **state)
{
	(void)state;
	bay_teardown(&bay);
	bay_setup(&bay, 0x60000000, 16 * MIB);
	bay.note.flags |= DIVE_NOTE_VIRT_BASE;
	bay.note.virt_base = UPPER;
	for (size_t s = BAY_TEXT; s <= BAY_DATA; s++)
		bay.segment[s].vaddr = bay.segment[s].paddr - BAY_LINK + UPPER;
	bay.entry = UPPER + 0x10;
	load();
	assert_kernel(UPPER, 0x60000000);
	assert_kernel(0x60000000, 0x60000000);
	assert_rights(UPPER + 0x6000, 0, PAGE, "-");
	assert_rights(UPPER - PAGE, 0, PAGE, "-");
	assert_int_equal(bay.loaded.virt_base, UPPER);
	/* It enters where it is linked. */
	assert_memory_equal(
		gmem_ptr(&bay.mem,
			 area.cpu_pages + CPU_PAGE_START + CPU_START_ENTRY, 8),
		&bay.entry, 8);
}

/* Only a segment that asks for it is writable and executable. */
static void test_flags(void **state)
{
	(void)state;
	bay.flags[BAY_TEXT] = PF_R | PF_W | PF_X;
	bay.flags[BAY_RODATA] = PF_X;
	bay.flags[BAY_DATA] = 0;
	load();
	assert_one_to_one(BAY_LINK, 0x2000, "rwx");
	assert_one_to_one(BAY_LINK + 0x2000, PAGE, "rx");
	assert_one_to_one(BAY_LINK + 0x3000, 0x3000, "r");
}

/* The tables themselves are where the plan says, and reach no further. */
static void test_many_segments(void **state)
{
	(void)state;
	for (size_t s = BAY_SEGMENTS; s < BAY_SEGMENTS + 4; s++) {
		gpa_t at = BAY_LINK + 2 * MIB * (s - BAY_SEGMENTS + 1);

		bay.segment[s] =
			(struct lab_segment){ PT_LOAD, 0x5000, at, at, 16, 16 };
		bay.flags[s] = PF_R;
		bay.segments++;
	}
	load();
	assert_in_range(bay.loaded.entry.cr3, area.tables,
			area.tables + area.tables_size - PAGE);
	for (size_t s = BAY_SEGMENTS; s < BAY_SEGMENTS + 4; s++) {
		gpa_t at = bay.segment[s].paddr;

		assert_one_to_one(at - PAGE, PAGE, "rw");
		assert_one_to_one(at, PAGE, "r");
		assert_one_to_one(at + PAGE, PAGE, "rw");
	}
	assert_kernel(BAY_LINK, BAY_LINK);
	assert_area();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_ram_at_0),  T(test_ram_elsewhere), T(test_x2apic),
		T(test_virt_base), T(test_flags),         T(test_many_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
