// SPDX-License-Identifier: Apache-2.0
// Multiboot2: tags required, tags optional, relocation, what kernels are told.
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"
#include <cmocka.h>

#define MAGIC 0xe85250d6u
#define BASE  0x200000u
#define AT    0x400u

/* Header tags, 3.1.3. */
enum {
	H_END,
	H_REQUEST,
	H_ADDRESS,
	H_ENTRY,
	H_CONSOLE,
	H_SCREEN,
	H_MODULES
};
enum {
	H_EFI_BOOT = 7,
	H_EFI32,
	H_EFI64,
	H_RELOCATABLE
};

struct header {
	struct bench *b;
	size_t start;
	size_t at;
};

static struct header begin(struct bench *b, size_t at)
{
	struct lab_segment s = { PT_LOAD, LAB_BODY, BASE, BASE, 0x100, 0x200 };

	memset(b->file, 0, sizeof(b->file));
	lab_elf(b->file, true, BASE + 8, &s, 1);
	memset(b->file + LAB_BODY, 0x5a, 0x100);
	return (struct header){ b, at, at + 16 };
}

static void tag(struct header *h, uint32_t type, bool optional,
		const uint32_t *body, size_t words)
{
	uint8_t *to = h->b->file + h->at;

	lab_put32(to, type | (optional ? 1u << 16 : 0));
	lab_put32(to + 4, (uint32_t)(8 + 4 * words));
	for (size_t i = 0; i < words; i++)
		lab_put32(to + 8 + 4 * i, body[i]);
	h->at += (8 + 4 * words + 7) & ~7u;
}

static void finish(struct header *h)
{
	uint8_t *to = h->b->file + h->start;
	uint32_t size;

	tag(h, H_END, false, NULL, 0);
	size = (uint32_t)(h->at - h->start);
	lab_put32(to, MAGIC);
	lab_put32(to + 4, 0);
	lab_put32(to + 8, size);
	lab_put32(to + 12, -(MAGIC + size));
}

static void assert_loads(struct bench *b)
{
	if (bench_load(b, &protocol_multiboot2) != 0)
		fail_msg("%s", b->e.msg);
	assert_int_equal(b->loaded.entry.mode, ENTRY_PROT32);
	assert_int_equal(b->loaded.entry.rax, 0x36d76289);
	assert_int_equal(b->loaded.entry.rbx % 8, 0);
}

static void assert_unusable(struct bench *b, const char *word)
{
	struct probe p = bench_probe(b, &protocol_multiboot2);

	assert_int_equal(p.verdict, PROBE_UNUSABLE);
	if (!strstr(p.why, word))
		fail_msg("\"%s\" does not say \"%s\"", p.why, word);
}

/* Next information tag of a type at or behind @from; 0 = none. */
static gpa_t find(struct bench *b, uint32_t type, gpa_t from)
{
	gpa_t end =
		b->loaded.entry.rbx + lab_get32(&b->lab, b->loaded.entry.rbx);
	gpa_t at = from ? from : b->loaded.entry.rbx + 8;

	while (at < end) {
		uint32_t size = lab_get32(&b->lab, at + 4);

		assert_int_equal(at % 8, 0);
		assert_true(size >= 8 && size <= end - at);
		if (lab_get32(&b->lab, at) == type)
			return at;
		if (lab_get32(&b->lab, at) == 0)
			return 0;
		at += (size + 7) & ~7u;
	}
	fail_msg("no end tag");
	return 0;
}

static void header_anywhere_in_32k_at_8(void **state)
{
	struct bench *b = *state;

	for (size_t at = 0x100; at <= BENCH_FILE - 24; at += 0x208) {
		struct header h = begin(b, at);

		finish(&h);
		assert_loads(b);
	}
}

static void wrong_header_is_named(void **state)
{
	struct bench *b = *state;
	struct header h = begin(b, AT + 4);

	finish(&h);
	assert_unusable(b, "0x404");
	h = begin(b, AT);
	finish(&h);
	lab_put32(b->file + AT + 4, 4);
	lab_put32(b->file + AT + 12, -(MAGIC + 4 + 24));
	assert_unusable(b, "architecture 4");
}

static void required_and_unknown_is_named(void **state)
{
	struct bench *b = *state;
	struct header h = begin(b, AT);

	tag(&h, 77, false, NULL, 0);
	finish(&h);
	assert_unusable(b, "tag 77");
	h = begin(b, AT);
	tag(&h, 77, true, NULL, 0);
	finish(&h);
	assert_loads(b);
}

static void required_information_is_there_or_named(void **state)
{
	struct bench *b = *state;
	static const uint32_t made[] = { 1, 2, 3, 4, 6, 8, 14, 15, 21 };

	for (uint32_t type = 1; type <= 22; type++) {
		struct header h = begin(b, AT);
		bool have = false;
		char word[20];

		for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
			have |= made[i] == type;
		tag(&h, H_REQUEST, false, (uint32_t[]){ 6, type }, 2);
		finish(&h);
		snprintf(word, sizeof(word), "information %u", type);
		if (have)
			assert_loads(b);
		else
			assert_unusable(b, word);
		h = begin(b, AT);
		tag(&h, H_REQUEST, true, (uint32_t[]){ type }, 1);
		finish(&h);
		assert_loads(b);
	}
}

/* What says "I could under EFI" or "I would like" does not stand in the way. */
static void wishes_are_accepted(void **state)
{
	struct bench *b = *state;
	struct header h = begin(b, AT);

	tag(&h, H_CONSOLE, false, (uint32_t[]){ 3 }, 1);
	tag(&h, H_SCREEN, false, (uint32_t[]){ 1024, 768, 32 }, 3);
	tag(&h, H_MODULES, false, NULL, 0);
	tag(&h, H_EFI_BOOT, false, NULL, 0);
	tag(&h, H_EFI32, false, (uint32_t[]){ 0x1000 }, 1);
	tag(&h, H_EFI64, true, (uint32_t[]){ 0x1000 }, 1);
	finish(&h);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, BASE + 8);
}

static void entry_tag_wins(void **state)
{
	struct bench *b = *state;
	struct header h = begin(b, AT);

	tag(&h, H_REQUEST, true, (uint32_t[]){ 1 }, 1); /* padded to 8 */
	tag(&h, H_ENTRY, false, (uint32_t[]){ BASE + 0x44 }, 1);
	finish(&h);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, BASE + 0x44);
}

static void address_tag_wins_over_elf(void **state)
{
	struct bench *b = *state;
	uint32_t fields[] = { 0x300400, 0x300000, 0x301000, 0x302000 };
	struct header h = begin(b, AT);

	tag(&h, H_ADDRESS, false, fields, 4);
	finish(&h);
	assert_unusable(b, "entry");
	h = begin(b, AT);
	tag(&h, H_ADDRESS, false, fields, 4);
	tag(&h, H_ENTRY, false, (uint32_t[]){ 0x300010 }, 1);
	finish(&h);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, 0x300010);
	assert_int_equal(lab_get32(&b->lab, BASE), 0);
	assert_memory_equal(gmem_ptr(&b->lab.mem, 0x300000, 0x1000), b->file,
			    0x1000);
}

/* load_addr -1: the file is loaded from its start. */
static void address_tag_from_start(void **state)
{
	struct bench *b = *state;
	uint32_t fields[] = { 0x300000 + AT, UINT32_MAX, 0, 0 };
	struct header h = begin(b, AT);

	tag(&h, H_ADDRESS, false, fields, 4);
	tag(&h, H_ENTRY, false, (uint32_t[]){ 0x300010 }, 1);
	finish(&h);
	assert_loads(b);
	assert_memory_equal(gmem_ptr(&b->lab.mem, 0x300000, BENCH_FILE),
			    b->file, BENCH_FILE);
}

static void damaged_tags_are_refused(void **state)
{
	struct bench *b = *state;
	static const uint32_t types[] = { H_ADDRESS, H_ENTRY, H_RELOCATABLE };
	static const uint32_t sizes[] = { 0, 7, 0x10000, UINT32_MAX };

	for (size_t i = 0; i < 3; i++) {
		struct header h = begin(b, AT);

		tag(&h, types[i], false, NULL, 0);
		finish(&h);
		assert_unusable(b, "too few");
	}
	for (size_t i = 0; i < 4; i++) {
		struct header h = begin(b, AT);

		tag(&h, H_MODULES, false, NULL, 0);
		finish(&h);
		lab_put32(b->file + AT + 20, sizes[i]);
		assert_unusable(b, "0x410");
	}
}

static void relocatable(struct bench *b, uint32_t min, uint32_t max,
			uint32_t align, uint32_t preference)
{
	struct header h = begin(b, AT);

	tag(&h, H_RELOCATABLE, false,
	    (uint32_t[]){ min, max, align, preference }, 4);
	finish(&h);
}

static void stays_as_linked_if_it_may(void **state)
{
	struct bench *b = *state;

	relocatable(b, 0, UINT32_MAX, 0x200000, 0);
	assert_loads(b);
	assert_int_equal(b->loaded.slide, 0);
	assert_int_equal(lab_get32(&b->lab, find(b, 21, 0) + 8), BASE);
}

static void moves_where_it_must(void **state)
{
	struct bench *b = *state;

	relocatable(b, 0x400000, 0x600000, 0x100000, 1);
	assert_loads(b);
	assert_int_equal(b->loaded.slide, 0x400000 - BASE);
	assert_int_equal(b->loaded.entry.rip, 0x400008);
	assert_int_equal(lab_get32(&b->lab, 0x400000), 0x5a5a5a5a);
	assert_int_equal(lab_get32(&b->lab, BASE), 0);
	assert_int_equal(lab_get32(&b->lab, find(b, 21, 0) + 8), 0x400000);
	/* Highest, but it ends at the limit at the latest. */
	relocatable(b, 0, 0x600000, 0x100000, 2);
	assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, 0x500008);
	relocatable(b, 0x700000, 0x700100, 0x1000, 0);
	assert_int_equal(bench_load(b, &protocol_multiboot2), -ENOEXEC);
	relocatable(b, 0, 0x600000, 3, 0);
	assert_unusable(b, "alignment");
}

static void information_is_complete(void **state)
{
	struct bench *b = *state;
	struct header h = begin(b, AT);
	gpa_t at;

	finish(&h);
	b->lab.req.cmdline = "one two";
	assert_loads(b);
	assert_string_equal(lab_text(&b->lab, find(b, 1, 0) + 8),
			    "my_kernel one two");
	assert_string_equal(lab_text(&b->lab, find(b, 2, 0) + 8), "Diver");
	at = find(b, 4, 0);
	assert_int_equal(lab_get64(&b->lab, at + 8), 7ull << 42 | 639);
	at = find(b, 6, 0);
	assert_int_equal(lab_get32(&b->lab, at + 4), 16 + 5 * 24);
	assert_int_equal(lab_get32(&b->lab, at + 8), 24);
	assert_int_equal(lab_get64(&b->lab, at + 16 + 3 * 24), 0x100000);
	assert_int_equal(lab_get64(&b->lab, at + 24 + 3 * 24), 7 << 20);
	assert_int_equal(lab_get32(&b->lab, find(b, 14, 0) + 4), 28);
	assert_memory_equal(lab_text(&b->lab, find(b, 14, 0) + 8), "RSD PTR ",
			    8);
	assert_int_equal(lab_get32(&b->lab, find(b, 15, 0) + 4), 44);
	assert_int_equal(find(b, 21, 0), 0);
}

static void no_rsdp_no_tag(void **state)
{
	struct bench *b = *state;
	struct header h = begin(b, AT);

	finish(&h);
	lab_put32(b->lab.host + 0xe0010, 0); /* no RSDT */
	assert_loads(b);
	assert_int_equal(find(b, 14, 0), 0);
	assert_int_not_equal(find(b, 15, 0), 0);
	b->lab.board.rsdp = 0;
	assert_loads(b);
	assert_int_equal(find(b, 15, 0), 0);
}

static void modules_are_tags_in_order(void **state)
{
	struct bench *b = *state;
	struct header h = begin(b, AT);
	struct image file;
	gpa_t first, second;

	assert_int_equal(lab_open(&file, "bytes", 5, "m", &b->e), 0);
	finish(&h);
	b->lab.req.modules = 2;
	b->lab.req.module[0] = (struct load_file){ &file, "first" };
	b->lab.req.module[1] = (struct load_file){ &file, "" };
	assert_loads(b);
	first = find(b, 3, 0);
	second =
		find(b, 3, first + ((lab_get32(&b->lab, first + 4) + 7) & ~7u));
	assert_string_equal(lab_text(&b->lab, first + 16), "m first");
	assert_string_equal(lab_text(&b->lab, second + 16), "m");
	assert_int_equal(lab_get32(&b->lab, first + 12) -
				 lab_get32(&b->lab, first + 8),
			 5);
	assert_true(lab_get32(&b->lab, second + 8) >=
		    lab_get32(&b->lab, first + 12));
	image_close(&file);
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(header_anywhere_in_32k_at_8),
		T(wrong_header_is_named),
		T(required_and_unknown_is_named),
		T(required_information_is_there_or_named),
		T(wishes_are_accepted),
		T(entry_tag_wins),
		T(address_tag_wins_over_elf),
		T(address_tag_from_start),
		T(damaged_tags_are_refused),
		T(stays_as_linked_if_it_may),
		T(moves_where_it_must),
		T(information_is_complete),
		T(no_rsdp_no_tag),
		T(modules_are_tags_in_order)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
