// SPDX-License-Identifier: Apache-2.0
// Contract kernels: which images are taken, and where everything goes.
#include <elf.h>
#include <errno.h>
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

#define MIB (1u << 20)

static int setup(void **state)
{
	struct bay *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	bay_setup(b, 0, 16 * MIB);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	bay_teardown(*state);
	free(*state);
	return 0;
}

static void restart(struct bay *b, gpa_t base, uint64_t size)
{
	bay_teardown(b);
	bay_setup(b, base, size);
}

static void assert_refused(struct bay *b, const char *words)
{
	int rc = bay_load(b);

	assert_true(rc == -ENOENT || rc == -ENOEXEC);
	if (!strstr(b->e.msg, words))
		fail_msg("no '%s' in: %s", words, b->e.msg);
}

static void assert_bytes(const struct bay *b, gpa_t at, uint8_t value,
			 size_t count)
{
	const uint8_t *bytes = gmem_ptr(&b->mem, at, count);

	assert_non_null(bytes);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(bytes[i], value);
}

static void assert_kernel_at(const struct bay *b, gpa_t at)
{
	assert_int_equal(b->loaded.slide, at - BAY_LINK);
	assert_bytes(b, at, 0x11, 0x1800);
	assert_bytes(b, at + 0x2000, 0x22, 0x800);
	assert_bytes(b, at + 0x3000, 0x33, 0x400);
	assert_bytes(b, at + 0x3400, 0, 0x2c00);
}

static void test_note(void **state)
{
	struct bay *b = *state;

	assert_int_equal(bay_load(b), 0);
	b->note.version = 1;
	assert_refused(b, "contract version 1, this Diver knows version 0");
	b->note.version = DIVE_CONTRACT_VERSION;
	b->note.flags = 0x80000001;
	assert_refused(b, "flag 0x80000000");
	b->note.flags = 0;
	b->note_size = 20;
	assert_refused(b, "Diver note of contract version");
	b->note_size = 3;
	assert_refused(b, "Diver note of contract version");
	b->note_size = sizeof(b->note);
	assert_int_equal(bay_load(b), 0);
	b->segment[BAY_NOTE].type = PT_NULL;
	assert_refused(b, "no ELF note of owner \"Diver\"");
}

static void test_alignment(void **state)
{
	static const uint64_t bad[] = { 0,          1,         0x1000,
					0x1fffff,   0x300000,  UINT64_MAX,
					1ull << 41, 1ull << 63 };
	struct bay *b = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		b->note.align = bad[i];
		assert_refused(b, "alignment");
	}
	/* Linked at 2 MiB, so what it needs begins at 0: it must move. */
	b->note.align = 0x400000;
	assert_int_equal(bay_load(b), 0);
	assert_kernel_at(b, 0x600000);
	b->note.align = 1ull << 40;
	assert_refused(b, "finds no place");
}

static void test_virt_base(void **state)
{
	static const uint64_t bad[] = { 0, BAY_LINK, 0x00007fffffe00000,
					0xffff7fffffe00000,
					0xffffffff80001000 };
	struct bay *b = *state;

	b->note.flags |= DIVE_NOTE_VIRT_BASE;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		b->note.virt_base = bad[i];
		for (size_t s = BAY_TEXT; s <= BAY_DATA; s++)
			b->segment[s].vaddr =
				b->segment[s].paddr - BAY_LINK + bad[i];
		assert_refused(b, "virt_base");
	}
	/* The upper half is not long enough for it. */
	b->note.virt_base = 0xffffffffffe00000;
	for (size_t s = BAY_TEXT; s <= BAY_DATA; s++)
		b->segment[s].vaddr =
			b->segment[s].paddr - BAY_LINK + b->note.virt_base;
	assert_int_equal(bay_load(b), 0);
	b->segment[BAY_DATA].memsz = 0x200000;
	assert_refused(b, "virt_base");
	/* Linked elsewhere than the note says. */
	b->segment[BAY_DATA].memsz = 0x3000;
	b->note.virt_base -= 0x200000;
	assert_refused(b, "not linked at the address");
	/* Without the flag the number means nothing. */
	b->note.flags = DIVE_NOTE_RELOCATABLE;
	assert_refused(b, "not linked at the address");
	for (size_t s = BAY_TEXT; s <= BAY_DATA; s++)
		b->segment[s].vaddr = b->segment[s].paddr;
	assert_int_equal(bay_load(b), 0);
	assert_int_equal(b->loaded.virt_base, 0);
}

static void test_place(void **state)
{
	struct bay *b = *state;

	assert_int_equal(bay_load(b), 0);
	assert_kernel_at(b, BAY_LINK);
	b->note.flags = 0;
	assert_int_equal(bay_load(b), 0);
	assert_kernel_at(b, BAY_LINK);
	/* RAM of a partition need not hold the linked address. */
	restart(b, 0x60000000, 16 * MIB);
	assert_int_equal(bay_load(b), 0);
	assert_kernel_at(b, 0x60000000);
	b->note.flags = 0;
	assert_refused(b, "fixed image of 0x6000 bytes linked at 0x200000 "
			  "finds no place");
	assert_non_null(strstr(b->e.msg, "--mem"));
	/* Nor be aligned. */
	restart(b, 0x60001000, 16 * MIB);
	assert_int_equal(bay_load(b), 0);
	assert_kernel_at(b, 0x60200000);
	/* Linked at 0 it moves: page 0 is never mapped. */
	restart(b, 0, 16 * MIB);
	for (size_t s = BAY_TEXT; s <= BAY_DATA; s++) {
		b->segment[s].vaddr -= BAY_LINK;
		b->segment[s].paddr -= BAY_LINK;
	}
	assert_int_equal(bay_load(b), 0);
	assert_int_equal(b->loaded.slide, 0x200000);
}

static void test_segments(void **state)
{
	struct bay *b = *state;

	b->segment[BAY_RODATA].paddr = b->segment[BAY_RODATA].vaddr =
		BAY_LINK + 0x1800;
	assert_refused(b, "segments 1 and 2 share a page");
	b->segment[BAY_RODATA].paddr = b->segment[BAY_RODATA].vaddr =
		BAY_LINK + 0x1000;
	assert_refused(b, "share a page");
	b->segment[BAY_RODATA].vaddr = BAY_LINK + 0x2000;
	b->segment[BAY_RODATA].paddr = BAY_LINK + 0x8000;
	assert_refused(b, "another distance");
	b->segment[BAY_RODATA].paddr = b->segment[BAY_RODATA].vaddr =
		UINT64_MAX - 0xfff;
	assert_refused(b, "2^64");
	b->segment[BAY_RODATA].paddr = b->segment[BAY_RODATA].vaddr =
		UINT64_MAX - 0x100;
	assert_refused(b, "wraps");
	b->segment[BAY_RODATA].paddr = b->segment[BAY_RODATA].vaddr = 1ull
								      << 62;
	assert_refused(b, "finds no place");
	b->segment[BAY_RODATA].paddr = b->segment[BAY_RODATA].vaddr =
		16 * MIB - 0x1000;
	assert_refused(b, "finds no place");
	for (size_t s = BAY_TEXT; s <= BAY_DATA; s++)
		b->segment[s].type = PT_NULL;
	assert_refused(b, "no loadable segment");
}

/* Just below what Diver keeps there is room, one page more is too much. */
static void test_area_is_not_touched(void **state)
{
	struct bay *b = *state;
	struct contract_area area;

	assert_int_equal(contract_plan(&b->board, &area, &b->e), 0);
	assert_int_equal(area.gpa % 4096, 0);
	b->segment[BAY_DATA].memsz = area.gpa - BAY_LINK - 0x3000;
	assert_int_equal(bay_load(b), 0);
	assert_kernel_at(b, BAY_LINK);
	b->segment[BAY_DATA].memsz++;
	assert_refused(b, "finds no place");
}

static void test_too_little_memory(void **state)
{
	struct bay *b = *state;
	unsigned int mib = 0;
	const char *at;

	restart(b, 0, MIB);
	assert_refused(b, "1024 KiB of memory are too little");
	at = strstr(b->e.msg, "at least ");
	assert_non_null(at);
	mib = (unsigned int)strtoul(at + 9, NULL, 10);
	assert_in_range(mib, 1, 8);
	/* What it asks for is enough for Diver, and for this kernel. */
	restart(b, 0, (uint64_t)(mib < 4 ? 4 : mib) * MIB);
	assert_int_equal(bay_load(b), 0);
}

static void test_files(void **state)
{
	struct bay *b = *state;
	struct contract_area area;
	struct image disk;
	uint8_t bytes[5000];

	memset(bytes, 0x44, sizeof(bytes));
	assert_int_equal(lab_open(&disk, bytes, sizeof(bytes), "disk", &b->e),
			 0);
	b->req.modules = 1;
	b->req.module[0] = (struct load_file){ &disk, "" };
	assert_refused(b, "takes no modules: use --initrd");
	b->req.modules = 0;
	b->req.initrds = 2;
	b->req.initrd[0] = b->req.initrd[1] = (struct load_file){ &disk, "" };
	assert_int_equal(bay_load(b), 0);
	assert_kernel_at(b, BAY_LINK);
	/* One page is free between the image and Diver's area. */
	assert_int_equal(contract_plan(&b->board, &area, &b->e), 0);
	b->segment[BAY_DATA].memsz = area.gpa - 4096 - BAY_LINK - 0x3000;
	assert_refused(b, "10000 bytes do not fit: give more with --mem");
	disk.size = INT64_MAX;
	b->req.initrds = LOAD_FILES_MAX;
	for (size_t i = 0; i < LOAD_FILES_MAX; i++)
		b->req.initrd[i] = b->req.initrd[0];
	assert_refused(b, "do not fit: give more with --mem");
	disk.size = sizeof(bytes) - 904;
	b->req.initrds = 1;
	assert_int_equal(bay_load(b), 0);
	assert_bytes(b, area.gpa - 4096, 0x44, 4096);
	image_close(&disk);
}

static void test_two_ranges(void **state)
{
	struct bay *b = *state;
	struct contract_area area;
	struct image disk;
	uint8_t *bytes = calloc(1, 4 * MIB);

	/* The second range has no room for the disk, the first has. */
	assert_non_null(bytes);
	b->mem.region[0].size = 12 * MIB;
	assert_int_equal(
		gmem_add(&b->mem,
			 &(struct gmem_region){ .gpa = 1ull << 32,
						.size = 4 * MIB,
						.host = b->host + 12 * MIB },
			 &b->e),
		0);
	b->board.range[0].size = 12 * MIB;
	b->board.range[1] =
		(struct board_range){ 1ull << 32, 4 * MIB, RANGE_RAM };
	b->board.ranges = 2;
	assert_int_equal(contract_plan(&b->board, &area, &b->e), 0);
	assert_in_range(area.gpa, 1ull << 32, (1ull << 32) + 4 * MIB);
	memset(bytes, 0x55, 4 * MIB);
	assert_int_equal(lab_open(&disk, bytes, 4 * MIB, "disk", &b->e), 0);
	b->req.initrds = 1;
	b->req.initrd[0] = (struct load_file){ &disk, "" };
	assert_int_equal(bay_load(b), 0);
	assert_kernel_at(b, BAY_LINK);
	assert_bytes(b, 8 * MIB, 0x55, 4 * MIB);
	image_close(&disk);
	free(bytes);
}

static void test_entry(void **state)
{
	struct bay *b = *state;
	const struct entry_state *s = &b->loaded.entry;
	const struct cpu_page *page;
	struct contract_area area;

	restart(b, 0x60000000, 32 * MIB);
	b->board.cpus = BOARD_CPUS_MAX;
	assert_int_equal(bay_load(b), 0);
	assert_int_equal(contract_plan(&b->board, &area, &b->e), 0);
	assert_int_equal(s->mode, ENTRY_LONG64);
	assert_int_equal(s->cr0, DIVE_ENTRY_CR0);
	assert_int_equal(s->cr4, DIVE_ENTRY_CR4);
	assert_int_equal(s->efer, DIVE_ENTRY_EFER);
	assert_int_equal(s->rip, area.readonly);
	assert_int_equal(s->rdi, area.cpu_pages);
	assert_int_equal(b->loaded.cpu_stride, CPU_PAGE_SIZE);
	for (unsigned int i = 0; i < BOARD_CPUS_MAX; i++) {
		page = gmem_ptr(&b->mem, s->rdi + i * b->loaded.cpu_stride,
				CPU_PAGE_SIZE);
		assert_non_null(page);
		assert_int_equal(page->crash.magic, DIVE_CRASH_MAGIC);
		assert_int_equal(page->crash.state, DIVE_CRASH_NONE);
		assert_int_equal(page->mailbox.entry, 0);
		assert_int_equal(page->start.entry,
				 i ? 0 : BAY_ENTRY + b->loaded.slide);
		assert_int_equal(page->start.fdt, area.fdt);
		assert_int_equal(page->start.stack_top % 16, 0);
		assert_int_equal(page->start.stack_top,
				 area.stacks +
					 (i + 1) * (4096 + DIVE_STACK_SIZE));
	}
}

static void test_shared_pages(void **state)
{
	struct bay *b = *state;
	const struct dive_control *control;
	struct contract_area area;

	assert_int_equal(bay_load(b), 0);
	assert_int_equal(contract_plan(&b->board, &area, &b->e), 0);
	control = gmem_ptr(&b->mem, area.control, DIVE_CONTROL_SIZE);
	assert_non_null(control);
	assert_int_equal(control->magic, DIVE_CONTROL_MAGIC);
	assert_int_equal(control->size, sizeof(*control));
	assert_int_equal(control->state, DIVE_STATE_STARTING);
	for (unsigned int i = 0; i < CONTRACT_RINGS; i++) {
		const struct dive_ring *r =
			gmem_ptr(&b->mem, area.ring[i], DIVE_RING_HEADER);

		assert_non_null(r);
		assert_int_equal(r->magic, DIVE_RING_MAGIC);
		assert_int_equal(r->size, b->board.ring_size);
		assert_int_equal(r->write_index | r->read_index, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_note),
		T(test_alignment),
		T(test_virt_base),
		T(test_place),
		T(test_segments),
		T(test_area_is_not_touched),
		T(test_too_little_memory),
		T(test_files),
		T(test_two_ranges),
		T(test_entry),
		T(test_shared_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
