// SPDX-License-Identifier: Apache-2.0
// The order of choice, and what a person is told about a file that has none.
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"

#define BASE 0x200000u

static void put_multiboot(struct bench *b, unsigned int version)
{
	static const uint32_t one[] = { 0x1badb002, 3, 0u - 0x1badb002u - 3 };
	static const uint32_t two[] = { 0xe85250d6, 0,
					24,         0u - 0xe85250d6u - 24,
					0,          8 };

	if (version == 1)
		memcpy(b->file + 0x800, one, sizeof(one));
	else
		memcpy(b->file + 0x900, two, sizeof(two));
}

static void kernel(struct bench *b, bool pvh)
{
	uint32_t entry = BASE;
	struct lab_segment s[] = {
		{ PT_LOAD, LAB_BODY, BASE, BASE, 0x100, 0x100 },
		{ PT_NOTE, 0x2000, 0, 0, 0, 0 },
	};

	memset(b->file, 0, sizeof(b->file));
	if (pvh)
		s[1].filesz = lab_note(b->file + 0x2000, "Xen", 18, &entry, 4);
	lab_elf(b->file, true, BASE, s, 2);
}

static const char *choose(struct bench *b, const char *name)
{
	const struct protocol *p;
	struct probe found;

	image_close(&b->img);
	if (lab_open(&b->img, b->file, sizeof(b->file), "k", &b->e) != 0)
		return NULL;
	p = protocol_choose(&b->img, name, &found, &b->e);
	if (!p)
		assert_int_equal(b->e.code, -ENOEXEC);
	else
		assert_int_equal(found.verdict, PROBE_OFFERED);
	return p ? p->name : NULL;
}

static void order_of_choice(void **state)
{
	struct bench *b = *state;

	kernel(b, false);
	assert_string_equal(choose(b, NULL), "linux");
	put_multiboot(b, 1);
	assert_string_equal(choose(b, NULL), "multiboot1");
	put_multiboot(b, 2);
	assert_string_equal(choose(b, NULL), "multiboot2");
	kernel(b, true);
	put_multiboot(b, 1);
	put_multiboot(b, 2);
	assert_string_equal(choose(b, NULL), "pvh");
	assert_string_equal(choose(b, "multiboot1"), "multiboot1");
}

static void insisting_is_answered(void **state)
{
	struct bench *b = *state;

	kernel(b, false);
	assert_null(choose(b, "pvh"));
	assert_non_null(strstr(b->e.msg, "no PVH note"));
	assert_null(choose(b, "uefi"));
	assert_non_null(strstr(
		b->e.msg, "contract solo5 pvh multiboot2 multiboot1 linux"));
}

static void refusal_says_what_was_looked_for(void **state)
{
	static const char *const looked[] = {
		"contract:", "pvh:", "multiboot2:", "multiboot1:", "linux:"
	};
	struct bench *b = *state;

	memset(b->file, 'x', sizeof(b->file));
	assert_null(choose(b, NULL));
	for (size_t i = 0; i < sizeof(looked) / sizeof(looked[0]); i++)
		assert_non_null(strstr(b->e.msg, looked[i]));
	assert_non_null(strstr(b->e.msg, "not an ELF file"));
	memcpy(b->file, "\x1f\x8b", 2);
	assert_null(choose(b, NULL));
	assert_non_null(strstr(b->e.msg, "unpack"));
	memcpy(b->file, "#!/bin/sh", 9);
	assert_null(choose(b, NULL));
	assert_non_null(strstr(b->e.msg, "script"));
	kernel(b, false);
	b->file[offsetof(Elf64_Ehdr, e_machine)] = EM_AARCH64;
	assert_null(choose(b, NULL));
	assert_non_null(strstr(b->e.msg, "not one for x86"));
}

/* One that is there but cannot be used says more than four that are not. */
static void the_reason_goes_first(void **state)
{
	struct bench *b = *state;
	uint32_t flags = 0x100;

	kernel(b, false);
	put_multiboot(b, 1);
	lab_put32(b->file + 0x804, flags);
	lab_put32(b->file + 0x808, 0u - 0x1badb002u - flags);
	assert_null(choose(b, NULL));
	assert_non_null(strstr(b->e.msg, "0x100"));
	assert_null(strstr(b->e.msg, "pvh"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { T(order_of_choice),
					    T(insisting_is_answered),
					    T(refusal_says_what_was_looked_for),
					    T(the_reason_goes_first) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
