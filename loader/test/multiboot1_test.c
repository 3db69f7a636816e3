// SPDX-License-Identifier: Apache-2.0
// Multiboot 1: where headers hide, what wins over what, what kernels are told.
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"

#define MAGIC   0x1badb002u
#define ADDRESS 0x10000u
#define BASE    0x200000u
/* Offsets in the boot information, 3.3. */
#define INFO_MEM_LOWER 4
#define INFO_MEM_UPPER 8
#define INFO_CMDLINE   16
#define INFO_MODS      20
#define INFO_MAP       44
#define INFO_NAME      64

static void put_header(struct bench *b, size_t at, uint32_t flags)
{
	lab_put32(b->file + at, MAGIC);
	lab_put32(b->file + at + 4, flags);
	lab_put32(b->file + at + 8, -(MAGIC + flags));
}

static void put_fields(struct bench *b, size_t at, const uint32_t *fields)
{
	for (size_t i = 0; i < 5; i++)
		lab_put32(b->file + at + 12 + 4 * i, fields[i]);
}

static void elf(struct bench *b, bool is64, uint64_t vaddr, uint64_t entry)
{
	struct lab_segment s = { PT_LOAD, LAB_BODY, vaddr, BASE, 0x100, 0x200 };

	lab_elf(b->file, is64, entry, &s, 1);
	memset(b->file + LAB_BODY, 0x5a, 0x100);
}

static struct probe probe(struct bench *b)
{
	return bench_probe(b, &protocol_multiboot1);
}

static void assert_loads(struct bench *b)
{
	if (bench_load(b, &protocol_multiboot1) != 0)
		fail_msg("%s", b->e.msg);
	assert_int_equal(b->loaded.entry.rax, 0x2badb002);
}

static void assert_refused(struct bench *b, const char *word)
{
	assert_int_equal(bench_load(b, &protocol_multiboot1), -ENOEXEC);
	assert_non_null(strstr(b->e.msg, word));
}

static void header_at_every_step(void **state)
{
	struct bench *b = *state;

	elf(b, false, BASE, BASE);
	/* Not behind the first segment only: between the headers as well. */
	for (size_t at = 0x100; at <= 8192 - 12; at += 4) {
		memset(b->file + 0x100, 0, BENCH_FILE - 0x100);
		put_header(b, at, 3);
		assert_int_equal(probe(b).verdict, PROBE_OFFERED);
	}
}

static void header_beyond_8k_is_named(void **state)
{
	struct bench *b = *state;
	struct probe p;

	elf(b, false, BASE, BASE);
	put_header(b, 8192 - 8, 3);
	p = probe(b);
	assert_int_equal(p.verdict, PROBE_UNUSABLE);
	assert_non_null(strstr(p.why, "0x1ff8"));
}

static void short_header_needs_no_fields_behind(void **state)
{
	struct bench *b = *state;

	elf(b, false, BASE, BASE);
	put_header(b, 8192 - 12, 0);
	assert_loads(b);
	put_header(b, 8192 - 12, ADDRESS);
	assert_int_equal(probe(b).verdict, PROBE_UNUSABLE);
}

static void elf32_loads(void **state)
{
	struct bench *b = *state;

	elf(b, false, BASE, BASE + 8);
	put_header(b, 0x400, 3);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.mode, ENTRY_PROT32);
	assert_int_equal(b->loaded.entry.rip, BASE + 8);
	assert_int_equal(lab_get32(&b->lab, BASE), 0x5a5a5a5a);
	assert_int_equal(lab_get32(&b->lab, BASE + 0x100), 0);
}

static void elf64_loads(void **state)
{
	struct bench *b = *state;

	elf(b, true, BASE, BASE + 8);
	put_header(b, 0x400, 0);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.mode, ENTRY_PROT32);
	assert_int_equal(b->loaded.entry.rip, BASE + 8);
	assert_non_null(strstr(probe(b).why, "ELF64"));
}

/* xv6: entered at a physical address, keeps the selectors of its entry. */
static void higher_half_with_physical_entry(void **state)
{
	struct bench *b = *state;

	elf(b, false, 0x80000000u + BASE, BASE + 0xc);
	put_header(b, 0x400, 0);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, BASE + 0xc);
	assert_int_equal(b->loaded.entry.cs, 0x08);
	assert_int_equal(b->loaded.entry.ds, 0x10);
}

static void higher_half_with_virtual_entry(void **state)
{
	struct bench *b = *state;

	elf(b, true, 0xffffffff80000000ull + BASE,
	    0xffffffff80000000ull + BASE + 0x10);
	put_header(b, 0x400, 0);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, BASE + 0x10);
}

static void entry_outside_is_refused(void **state)
{
	struct bench *b = *state;

	elf(b, false, BASE, 0x300000);
	put_header(b, 0x400, 0);
	assert_refused(b, "0x300000");
}

/* Solo5-virtio: e_entry is not the entry, and the segments are not used. */
static void address_fields_win_over_elf(void **state)
{
	struct bench *b = *state;
	uint32_t fields[] = { 0x300400, 0x300000, 0x301100, 0x302000,
			      0x300040 };

	elf(b, true, BASE, BASE);
	put_header(b, 0x400, ADDRESS | 3);
	put_fields(b, 0x400, fields);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, 0x300040);
	assert_int_equal(lab_get32(&b->lab, BASE), 0);
	assert_memory_equal(gmem_ptr(&b->lab.mem, 0x300000, 0x1100), b->file,
			    0x1100);
	assert_int_equal(lab_get32(&b->lab, 0x301100), 0);
}

static void zero_fields_mean_the_whole_file(void **state)
{
	struct bench *b = *state;
	uint32_t fields[] = { 0x100010, 0x100008, 0, 0, 0x100040 };
	struct probe p;

	memset(b->file, 0x77, sizeof(b->file));
	put_header(b, 0x100, ADDRESS);
	put_fields(b, 0x100, fields);
	p = probe(b);
	assert_int_equal(p.lo, 0x100008);
	assert_int_equal(p.hi, 0x100008 + BENCH_FILE - (0x100 - 8));
	assert_loads(b);
	assert_int_equal(lab_get32(&b->lab, p.hi - 4), 0x77777777);
	assert_int_equal(lab_get32(&b->lab, p.hi), 0);
}

static void damaged_fields_are_refused(void **state)
{
	static const uint32_t bad[][5] = {
		{ 0x100000, 0xfff00 + BENCH_FILE, 0, 0, 0 }, /* all behind */
		{ 0x101000, 0x100000, 0, 0, 0 },          /* before the file */
		{ 0x100100, 0x100000, 0xfffff000, 0, 0 }, /* beyond the file */
		{ 0x100100, 0x100000, 0xff000, 0, 0 },    /* ends before */
		{ 0x100100, 0x100000, 0x102000, 0x101000, 0 }, /* bss */
		{ 0x100100, 0x100000, 0, 0x100100, 0 },
		{ 0x100100, 0x100000, 0, 0xff000, 0 },
	};
	struct bench *b = *state;

	put_header(b, 0x100, ADDRESS);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_fields(b, 0x100, bad[i]);
		assert_int_equal(probe(b).verdict, PROBE_UNUSABLE);
	}
}

static void unknown_features_are_refused(void **state)
{
	struct bench *b = *state;

	elf(b, false, BASE, BASE);
	for (uint32_t bit = 3; bit < 16; bit++) {
		put_header(b, 0x400, 1u << bit);
		assert_int_equal(probe(b).verdict, PROBE_UNUSABLE);
	}
	/* The upper half may be ignored, but for the address fields. */
	put_header(b, 0x400, 0xfffe0007u);
	assert_loads(b);
}

static void no_way_to_load_is_refused(void **state)
{
	struct bench *b = *state;

	put_header(b, 0x400, 3);
	assert_int_equal(probe(b).verdict, PROBE_UNUSABLE);
	b->file[0x408]++; /* wrong checksum: no header */
	assert_int_equal(probe(b).verdict, PROBE_ABSENT);
}

/* Nanos: CALL comes before the first write to ESP. */
static void stack_is_free_ram(void **state)
{
	struct bench *b = *state;
	struct lab_segment low = { PT_LOAD, LAB_BODY, 0x6000,
				   0x6000,  0x100,    0x20000 };

	lab_elf(b->file, false, 0x6000, &low, 1);
	put_header(b, 0x400, 0);
	assert_loads(b);
	assert_true(b->loaded.entry.rsp >= 0x26000);
	assert_non_null(gmem_ptr(&b->lab.mem, b->loaded.entry.rsp - 64, 64));
	/* The image lies where boot data would: that moved as well. */
	assert_true(b->loaded.entry.rbx >= 0x26000);
	assert_true(b->loaded.entry.gdt >= 0x26000);
}

static void image_outside_ram_is_refused(void **state)
{
	struct bench *b = *state;
	static const uint64_t where[] = { 0x9f000,  0xe0000,    0xfff00,
					  0x800000, 0xfee00000, 0xfffff000 };

	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		struct lab_segment s = { PT_LOAD,  LAB_BODY, where[i],
					 where[i], 0x100,    0x1000 };

		lab_elf(b->file, false, where[i], &s, 1);
		put_header(b, 0x400, 0);
		assert_refused(b, "--mem");
	}
	assert_string_equal(gmem_ptr(&b->lab.mem, 0xe0000, 8), "RSD PTR ");
}

static void information_is_complete(void **state)
{
	struct bench *b = *state;
	gpa_t info, map;

	elf(b, false, BASE, BASE);
	put_header(b, 0x400, 7);
	b->lab.req.cmdline = "one two";
	assert_loads(b);
	info = b->loaded.entry.rbx;
	assert_int_equal(lab_get32(&b->lab, info), 0x124d);
	assert_int_equal(lab_get32(&b->lab, info + INFO_MEM_LOWER), 639);
	assert_int_equal(lab_get32(&b->lab, info + INFO_MEM_UPPER), 7 << 10);
	assert_string_equal(lab_text(&b->lab,
				     lab_get32(&b->lab, info + INFO_CMDLINE)),
			    "my_kernel one two");
	assert_string_equal(lab_text(&b->lab,
				     lab_get32(&b->lab, info + INFO_NAME)),
			    "Diver");
	assert_int_equal(lab_get32(&b->lab, info + INFO_MAP), 5 * 24);
	map = lab_get32(&b->lab, info + INFO_MAP + 4);
	for (unsigned int i = 0; i < 5; i++, map += 24) {
		const struct board_range *r = &b->lab.board.range[i];

		assert_int_equal(lab_get32(&b->lab, map), 20);
		assert_int_equal(lab_get64(&b->lab, map + 4), r->gpa);
		assert_int_equal(lab_get64(&b->lab, map + 12), r->size);
		assert_int_equal(lab_get32(&b->lab, map + 20), r->type);
	}
}

static void modules_are_on_pages_in_order(void **state)
{
	struct bench *b = *state;
	struct image files[3];
	static const char *const text[] = { "aaaa", "bbbbbbbb", "c" };
	gpa_t list, last = BASE + 0x200;
	int rc;

	elf(b, false, BASE, BASE);
	put_header(b, 0x400, 0);
	for (size_t i = 0; i < 3; i++) {
		rc = lab_open(&files[i], text[i], strlen(text[i]), "dir/mod",
			      &b->e);
		assert_int_equal(rc, 0);
	}
	b->lab.req.modules = 2;
	b->lab.req.module[0] = (struct load_file){ &files[0], "with words" };
	b->lab.req.module[1] = (struct load_file){ &files[1], "" };
	b->lab.req.initrds = 1;
	b->lab.req.initrd[0] = (struct load_file){ &files[2], "" };
	assert_loads(b);
	assert_int_equal(lab_get32(&b->lab, b->loaded.entry.rbx + INFO_MODS),
			 3);
	list = lab_get32(&b->lab, b->loaded.entry.rbx + INFO_MODS + 4);
	for (size_t i = 0; i < 3; i++) {
		gpa_t start = lab_get32(&b->lab, list + 16 * i);
		gpa_t end = lab_get32(&b->lab, list + 16 * i + 4);
		gpa_t words = lab_get32(&b->lab, list + 16 * i + 8);

		assert_true(start >= last && start % 4096 == 0);
		assert_int_equal(end - start, strlen(text[i]));
		assert_memory_equal(gmem_ptr(&b->lab.mem, start, end - start),
				    text[i], end - start);
		assert_string_equal(lab_text(&b->lab, words),
				    i == 0 ? "mod with words" : "mod");
		last = end;
		image_close(&files[i]);
	}
}

static void xen_is_told_that_there_is_no_bios(void **state)
{
	struct bench *b = *state;

	elf(b, false, BASE, BASE);
	put_header(b, 0x400, 0);
	memcpy(b->file + LAB_BODY + 0x80, "no-real-mode", 13);
	b->lab.req.cmdline = "console=com1";
	assert_loads(b);
	assert_string_equal(lab_text(&b->lab,
				     lab_get32(&b->lab, b->loaded.entry.rbx +
								INFO_CMDLINE)),
			    "my_kernel no-real-mode console=com1");
	b->lab.req.cmdline = "no-real-mode";
	assert_loads(b);
	assert_string_equal(lab_text(&b->lab,
				     lab_get32(&b->lab, b->loaded.entry.rbx +
								INFO_CMDLINE)),
			    "my_kernel no-real-mode");
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(header_at_every_step),
		T(header_beyond_8k_is_named),
		T(short_header_needs_no_fields_behind),
		T(elf32_loads),
		T(elf64_loads),
		T(higher_half_with_physical_entry),
		T(higher_half_with_virtual_entry),
		T(entry_outside_is_refused),
		T(address_fields_win_over_elf),
		T(zero_fields_mean_the_whole_file),
		T(damaged_fields_are_refused),
		T(unknown_features_are_refused),
		T(no_way_to_load_is_refused),
		T(stack_is_free_ram),
		T(image_outside_ram_is_refused),
		T(information_is_complete),
		T(modules_are_on_pages_in_order),
		T(xen_is_told_that_there_is_no_bios)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
