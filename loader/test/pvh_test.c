// SPDX-License-Identifier: Apache-2.0
// PVH: the note wherever it lies, and what kernels are told.
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"

#define BASE  0x200000u
#define NOTES 0x3000u

/* A kernel with @size bytes of notes that lie in no PT_LOAD, as in Nanos. */
static void kernel(struct bench *b, bool is64, size_t size)
{
	struct lab_segment s[] = {
		{ PT_LOAD, LAB_BODY, 0, 0xb8000, 0, 0 }, /* as in Solo5 */
		{ PT_LOAD, LAB_BODY, BASE, BASE, 0x100, 0x200 },
		{ PT_NOTE, NOTES, 0x6f8000, 0x6f8000, size, size },
	};

	lab_elf(b->file, is64, 0x1234, s, 3);
	memset(b->file + LAB_BODY, 0x5a, 0x100);
}

static size_t entry_note(struct bench *b, size_t at, uint64_t entry,
			 uint32_t size)
{
	return at + lab_note(b->file + NOTES + at, "Xen", 18, &entry, size);
}

static void assert_loads(struct bench *b)
{
	if (bench_load(b, &protocol_pvh) != 0)
		fail_msg("%s", b->e.msg);
	assert_int_equal(b->loaded.entry.mode, ENTRY_PROT32);
	assert_int_equal(lab_get32(&b->lab, b->loaded.entry.rbx), 0x336ec578);
}

static void note_of_either_size_and_class(void **state)
{
	struct bench *b = *state;

	for (unsigned int i = 0; i < 4; i++) {
		kernel(b, i & 1, entry_note(b, 0, BASE + 0x40, i & 2 ? 4 : 8));
		assert_loads(b);
		assert_int_equal(b->loaded.entry.rip, BASE + 0x40);
		assert_int_equal(bench_probe(b, &protocol_pvh).lo, BASE);
		assert_int_equal(lab_get32(&b->lab, BASE), 0x5a5a5a5a);
	}
}

static void note_among_others(void **state)
{
	struct bench *b = *state;
	size_t at = lab_note(b->file + NOTES, "GNU", 18, "\1\2\3\4\5\6", 6);

	at += lab_note(b->file + NOTES + at, "Xen", 5, "name", 5);
	kernel(b, true, entry_note(b, at, BASE, 4));
	assert_loads(b);
}

/* One segment for all notes: p_align is 8, most are padded to 4. */
static void note_behind_a_property_note(void **state)
{
	struct bench *b = *state;
	uint64_t align = 8;
	uint8_t property[16] = { 2, 0, 0, 0xc0, 4, 0, 0, 0, 3 };
	size_t at = lab_note(b->file + NOTES, "GNU", 5, property, 16);
	size_t p_align = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr) +
			 offsetof(Elf64_Phdr, p_align);

	at += lab_note(b->file + NOTES + at, "Linux", 257, "\0", 1);
	at += lab_note(b->file + NOTES + at, "Xen", 6, "odd", 3);
	kernel(b, true, entry_note(b, at, BASE, 4));
	memcpy(b->file + p_align, &align, sizeof(align));
	assert_loads(b);
}

static void no_note_is_absent(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_probe(b, &protocol_pvh).verdict, PROBE_ABSENT);
	kernel(b, true, lab_note(b->file + NOTES, "Xen", 5, "name", 5));
	assert_int_equal(bench_probe(b, &protocol_pvh).verdict, PROBE_ABSENT);
	kernel(b, true, lab_note(b->file + NOTES, "Xem", 18, "\0\0\x20", 4));
	assert_int_equal(bench_probe(b, &protocol_pvh).verdict, PROBE_ABSENT);
}

static void damaged_notes_are_unusable(void **state)
{
	struct bench *b = *state;
	size_t size = entry_note(b, 0, BASE, 8);

	kernel(b, true, size);
	lab_put32(b->file + NOTES + 4, 0x100000);
	assert_int_equal(bench_probe(b, &protocol_pvh).verdict, PROBE_UNUSABLE);
	kernel(b, true, entry_note(b, 0, BASE, 5));
	assert_int_equal(bench_probe(b, &protocol_pvh).verdict, PROBE_UNUSABLE);
	kernel(b, true, 0x10000); /* more than the file */
	assert_int_equal(bench_probe(b, &protocol_pvh).verdict, PROBE_UNUSABLE);
}

static void entry_outside_is_unusable(void **state)
{
	struct bench *b = *state;

	kernel(b, true, entry_note(b, 0, 0x100000000ull + BASE, 8));
	assert_int_equal(bench_probe(b, &protocol_pvh).verdict, PROBE_UNUSABLE);
	kernel(b, true, entry_note(b, 0, BASE + 0x200, 4));
	assert_int_equal(bench_probe(b, &protocol_pvh).verdict, PROBE_UNUSABLE);
}

static void start_info_is_complete(void **state)
{
	struct bench *b = *state;
	gpa_t info, map;

	kernel(b, true, entry_note(b, 0, BASE, 4));
	b->lab.req.cmdline = "one two";
	assert_loads(b);
	info = b->loaded.entry.rbx;
	assert_int_equal(lab_get32(&b->lab, info + 4), 1);
	assert_int_equal(lab_get32(&b->lab, info + 12), 0);
	assert_string_equal(lab_text(&b->lab, lab_get64(&b->lab, info + 24)),
			    "one two");
	assert_int_equal(lab_get64(&b->lab, info + 32), 0xe0000);
	map = lab_get64(&b->lab, info + 40);
	assert_int_equal(lab_get32(&b->lab, info + 48), 5);
	for (unsigned int i = 0; i < 5; i++, map += 24) {
		const struct board_range *r = &b->lab.board.range[i];

		assert_int_equal(lab_get64(&b->lab, map), r->gpa);
		assert_int_equal(lab_get64(&b->lab, map + 8), r->size);
		assert_int_equal(lab_get32(&b->lab, map + 16), r->type);
	}
}

/* Linux looks at module 0 only: initial RAM disks come as one module. */
static void initrds_are_one_module(void **state)
{
	struct bench *b = *state;
	struct image files[2];
	gpa_t info, list, start;

	kernel(b, true, entry_note(b, 0, BASE, 4));
	assert_int_equal(lab_open(&files[0], "12345", 5, "a", &b->e), 0);
	assert_int_equal(lab_open(&files[1], "678", 3, "b", &b->e), 0);
	b->lab.req.initrds = 2;
	b->lab.req.initrd[0] = (struct load_file){ &files[0], "" };
	b->lab.req.initrd[1] = (struct load_file){ &files[1], "" };
	assert_loads(b);
	info = b->loaded.entry.rbx;
	list = lab_get64(&b->lab, info + 16);
	assert_int_equal(lab_get32(&b->lab, info + 12), 1);
	start = lab_get64(&b->lab, list);
	assert_int_equal(lab_get64(&b->lab, list + 8), 11);
	assert_memory_equal(gmem_ptr(&b->lab.mem, start, 11),
			    "12345\0\0\0"
			    "678",
			    11);
	b->lab.req.modules = 1;
	b->lab.req.module[0] = (struct load_file){ &files[1], "words" };
	assert_loads(b);
	info = b->loaded.entry.rbx;
	list = lab_get64(&b->lab, info + 16);
	assert_int_equal(lab_get32(&b->lab, info + 12), 2);
	assert_int_equal(lab_get64(&b->lab, list + 8), 3);
	assert_string_equal(lab_text(&b->lab, lab_get64(&b->lab, list + 16)),
			    "words");
	assert_int_equal(lab_get64(&b->lab, list + 32 + 8), 11);
	image_close(&files[0]);
	image_close(&files[1]);
}

static void long_cmdline_is_refused(void **state)
{
	struct bench *b = *state;
	static char line[9000];

	memset(line, 'x', sizeof(line) - 1);
	b->lab.req.cmdline = line;
	kernel(b, true, entry_note(b, 0, BASE, 4));
	assert_int_equal(bench_load(b, &protocol_pvh), -ENOEXEC);
	assert_non_null(strstr(b->e.msg, "8999"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(note_of_either_size_and_class), T(note_among_others),
		T(note_behind_a_property_note),   T(no_note_is_absent),
		T(damaged_notes_are_unusable),    T(entry_outside_is_unusable),
		T(start_info_is_complete),        T(initrds_are_one_module),
		T(long_cmdline_is_refused)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
