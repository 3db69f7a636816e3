// SPDX-License-Identifier: Apache-2.0
// Solo5 hvt: its two notes, damaged in every way, and what a kernel is handed.
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"
#include "loader/solo5.h"

#define BASE     0x100000u
#define ABI      0x3000u
#define MFT      0x3100u
#define ENTRY    104u /* bytes of an entry of the manifest */
#define MFT_HEAD 12u  /* padding, version, entries */
#define MFT_SIZE (MFT_HEAD + 3 * ENTRY)
#define DESC     (MFT + 20)
/* p_flags of the second program header */
#define TEXT_FLAGS (sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 4)

/* The text is not writable; notes as Solo5's linker script has them */
static void kernel(struct bench *b)
{
	static const uint32_t abi[4] = { 1, 2, 0, 0 };
	uint8_t mft[MFT_SIZE] = { 0 };
	struct lab_segment s[] = {
		{ PT_INTERP, LAB_BODY, BASE, BASE, 8, 8 },
		{ PT_LOAD, LAB_BODY, BASE, BASE, 0x100, 0x1800 },
		{ PT_LOAD, LAB_BODY, 0, 0, 0, 0 },
		{ PT_NOTE, ABI, 0, 0, 36, 36 },
		{ PT_NOTE, MFT, 0, 0, 20 + MFT_SIZE, 20 + MFT_SIZE },
	};

	memset(b->file, 0, sizeof(b->file));
	lab_elf(b->file, true, BASE + 0x20, s, 5);
	lab_put32(b->file + TEXT_FLAGS, PF_R | PF_X);
	memset(b->file + LAB_BODY, 0x5a, 0x100);
	lab_note(b->file + ABI, "Solo5", 0x31494241, abi, sizeof(abi));
	lab_put32(mft + 4, 1);
	lab_put32(mft + 8, 3);
	lab_put32(mft + MFT_HEAD + 68, 1u << 30);
	memcpy(mft + MFT_HEAD + ENTRY, "storage", 8);
	lab_put32(mft + MFT_HEAD + ENTRY + 68, SOLO5_BLOCK);
	memcpy(mft + MFT_HEAD + 2 * ENTRY, "service", 8);
	lab_put32(mft + MFT_HEAD + 2 * ENTRY + 68, SOLO5_NET);
	lab_note(b->file + MFT, "Solo5", 0x3154464d, mft, sizeof(mft));
}

static void assert_says(struct bench *b, enum probe_verdict verdict,
			const char *word)
{
	struct probe p = bench_probe(b, &protocol_solo5);

	assert_int_equal(p.verdict, verdict);
	if (!strstr(p.why, word))
		fail_msg("\"%s\" does not say \"%s\"", p.why, word);
}

static void the_manifest_is_read(void **state)
{
	struct bench *b = *state;
	struct solo5_manifest m;

	kernel(b);
	assert_says(b, PROBE_OFFERED, "2 devices");
	assert_int_equal(solo5_manifest_read(&b->img, &m, &b->e), 0);
	assert_int_equal(m.count, 3);
	assert_int_equal(m.device[0].kind, SOLO5_RESERVED);
	assert_string_equal(m.device[1].name, "storage");
	assert_int_equal(m.device[1].kind, SOLO5_BLOCK);
	assert_string_equal(m.device[2].name, "service");
	assert_int_equal(m.device[2].kind, SOLO5_NET);
	assert_false(m.device[1].attached || m.device[2].attached);
}

static void other_targets_and_versions_are_named(void **state)
{
	struct bench *b = *state;

	kernel(b);
	memcpy(b->file + ABI + 12, "Solo6", 5);
	assert_says(b, PROBE_ABSENT, "no Solo5 note");
	kernel(b);
	lab_put32(b->file + ABI + 20, 2);
	assert_says(b, PROBE_UNUSABLE, "target spt (2)");
	lab_put32(b->file + ABI + 20, 0xffffffff);
	assert_says(b, PROBE_UNUSABLE, "target ? (4294967295)");
	kernel(b);
	lab_put32(b->file + ABI + 24, 3);
	assert_says(b, PROBE_UNUSABLE, "version 3");
	kernel(b);
	lab_put32(b->file + ABI + 4, 12);
	assert_says(b, PROBE_UNUSABLE, "damaged");
}

static void damaged_manifests_are_refused(void **state)
{
	struct bench *b = *state;
	const struct {
		size_t at;
		uint32_t value;
		const char *word;
	} damage[] = {
		{ MFT + 4, 1, "damaged" },  /* as test_buggyelf */
		{ MFT + 4, 11, "damaged" }, /* no whole head */
		{ MFT + 4, MFT_SIZE - 4, "damaged" },
		{ MFT + 8, 0x3154464e, "no Solo5 manifest" },
		{ DESC + 4, 2, "version 2" },
		{ DESC + 8, 0, "0 entries" },
		{ DESC + 8, 2, "2 entries" },
		{ DESC + 8, 4, "4 entries" },
		{ DESC + 8, 65, "65 entries" },
		{ DESC + 8, 0xffffffff, "damaged" },
		{ DESC + MFT_HEAD + 68, SOLO5_NET, "reserved" },
		{ DESC + MFT_HEAD, 'x', "reserved" },
		{ DESC + MFT_HEAD + ENTRY + 68, 1u << 30, "reserved" },
		{ DESC + MFT_HEAD + 2 * ENTRY + 96, 1, "entry 2" },
	};

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		kernel(b);
		lab_put32(b->file + damage[i].at, damage[i].value);
		assert_says(b, PROBE_UNUSABLE, damage[i].word);
	}
	kernel(b);
	memset(b->file + DESC + MFT_HEAD + ENTRY, 'x', SOLO5_NAME_SIZE);
	assert_says(b, PROBE_UNUSABLE, "entry 1");
}

static void images_below_1_mib_are_refused(void **state)
{
	struct bench *b = *state;
	struct lab_segment s[] = {
		{ PT_LOAD, LAB_BODY, BASE - 0x1000, BASE - 0x1000, 8, 8 },
		{ PT_NOTE, ABI, 0, 0, 36, 36 },
		{ PT_NOTE, MFT, 0, 0, 20 + MFT_SIZE, 20 + MFT_SIZE },
	};

	kernel(b);
	lab_elf(b->file, true, BASE - 0x1000, s, 3);
	assert_says(b, PROBE_UNUSABLE, "below 1 MiB");
	s[0].paddr = s[0].vaddr = BASE;
	lab_elf(b->file, true, BASE + 8, s, 3);
	assert_says(b, PROBE_UNUSABLE, "entry");
}

/* A machine of 4 MiB with both devices. */
static void attach(struct bench *b, struct solo5_manifest *m)
{
	(void)bench_probe(b, &protocol_solo5);
	assert_int_equal(solo5_manifest_read(&b->img, m, &b->e), 0);
	m->device[1].attached = m->device[2].attached = true;
	m->device[1].capacity = 0x123456789000;
	m->device[1].block_size = 512;
	memcpy(m->device[2].mac, "\2\3\4\5\6\7", 6);
	m->device[2].mtu = 9000;
	b->lab.board.ranges = 1;
	b->lab.board.range[0] = (struct board_range){ 0, 4 << 20, RANGE_RAM };
	b->lab.board.tsc_khz = 2500000;
	b->lab.board.solo5 = m;
}

static void a_kernel_is_handed_what_the_abi_says(void **state)
{
	struct bench *b = *state;
	const struct entry_state *s = &b->loaded.entry;
	struct solo5_manifest m;
	gpa_t mft;

	kernel(b);
	attach(b, &m);
	b->lab.req.cmdline = "some words";
	if (bench_load(b, &protocol_solo5) != 0)
		fail_msg("%s", b->e.msg);
	assert_int_equal(s->rip, BASE + 0x20);
	assert_int_equal(s->rdi, 0x10000);
	assert_int_equal(s->rsp, (4 << 20) - 8);
	assert_int_equal(s->cr0, 0x80010031);
	assert_int_equal(s->cr4, 0x620);
	assert_int_equal(s->efer, 0x500);
	assert_int_equal(lab_get64(&b->lab, s->rdi), 4 << 20);
	assert_int_equal(lab_get64(&b->lab, s->rdi + 8), BASE + 0x2000);
	assert_int_equal(lab_get64(&b->lab, s->rdi + 16), 2500000000u);
	assert_string_equal(lab_text(&b->lab, lab_get64(&b->lab, s->rdi + 24)),
			    "some words");
	mft = lab_get64(&b->lab, s->rdi + 32);
	assert_int_equal(mft % 8, 0);
	assert_int_equal(lab_get64(&b->lab, s->rdi + 40), 0);
	assert_int_equal(lab_get32(&b->lab, mft), 1);
	assert_int_equal(lab_get32(&b->lab, mft + 4), 3);
	mft += 8 + ENTRY;
	assert_string_equal(lab_text(&b->lab, mft), "storage");
	assert_int_equal(lab_get64(&b->lab, mft + 72), 0x123456789000);
	assert_int_equal(lab_get64(&b->lab, mft + 80), 512);
	assert_int_equal(lab_get32(&b->lab, mft + 96), 1);
	mft += ENTRY;
	assert_memory_equal(lab_text(&b->lab, mft + 72), "\2\3\4\5\6\7", 6);
	assert_int_equal(lab_get32(&b->lab, mft + 78) & 0xffff, 9000);
}

/* Nothing below 64 KiB, what Diver wrote read-only, so is text. */
static void pages_have_their_rights(void **state)
{
	struct bench *b = *state;
	struct solo5_manifest m;
	gpa_t table;

	kernel(b);
	attach(b, &m);
	assert_int_equal(bench_load(b, &protocol_solo5), 0);
	table = b->loaded.entry.cr3;
	for (unsigned int level = 0; level < 3; level++)
		table = lab_get64(&b->lab, table) & 0xffffffffff000;
	for (uint64_t page = 0; page < 512; page++) {
		uint64_t entry = lab_get64(&b->lab, table + 8 * page);
		bool is_text = page == 0x100 || page == 0x101;

		if (page < 16) {
			assert_int_equal(entry, 0);
			continue;
		}
		assert_int_equal(entry & ~0x60ull,
				 page << 12 | 1 |
					 (page < 0x100 || is_text ? 0 : 2));
	}
}

static void no_room_no_modules_no_long_words(void **state)
{
	struct bench *b = *state;
	struct solo5_manifest m;
	static char words[8192];

	kernel(b);
	attach(b, &m);
	b->lab.req.initrds = 1;
	assert_int_equal(bench_load(b, &protocol_solo5), -ENOEXEC);
	assert_non_null(strstr(b->e.msg, "no modules"));
	b->lab.req.initrds = 0;
	memset(words, 'x', sizeof(words) - 1);
	b->lab.req.cmdline = words;
	assert_int_equal(bench_load(b, &protocol_solo5), 0);
	b->lab.board.range[0].size = BASE + 0x1000;
	assert_int_equal(bench_load(b, &protocol_solo5), -ENOEXEC);
	assert_non_null(strstr(b->e.msg, "--mem"));
	b->lab.board.range[0].size = BASE + 0x2000 + 0x7f000;
	assert_int_equal(bench_load(b, &protocol_solo5), -ENOEXEC);
	assert_non_null(strstr(b->e.msg, "stack"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_manifest_is_read),
		T(other_targets_and_versions_are_named),
		T(damaged_manifests_are_refused),
		T(images_below_1_mib_are_refused),
		T(a_kernel_is_handed_what_the_abi_says),
		T(pages_have_their_rights),
		T(no_room_no_modules_no_long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
