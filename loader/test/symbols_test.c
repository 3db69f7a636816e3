// SPDX-License-Identifier: Apache-2.0
// link: -Wl,--wrap=calloc,--wrap=realloc
// Symbols and lines: of this very program, and of line programs by hand.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "loader/dwarf_line.h"
#include "loader/symbols.h"

/* Somebody to look for. */
static __attribute__((noinline)) int landmark(int a)
{
	return a * 3 + 1;
}

static int open_path(struct symbols **ret, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return symbols_open(ret, fd, path, e);
}

static void test_self(void **state)
{
	uint64_t addr = (uint64_t)(uintptr_t)landmark;
	struct symbols *s;
	struct symbol_place p;

	(void)state;
	assert_int_equal(landmark(1), 4);
	assert_int_equal(open_path(&s, "/proc/self/exe", NULL), 0);
	assert_true(symbols_has(s, addr));
	assert_true(symbols_find(s, addr, &p));
	assert_string_equal(p.name, "landmark");
	assert_int_equal(p.offset, 0);
	assert_non_null(strstr(p.file, "loader/test/symbols_test.c"));
	assert_in_range(p.line, 17, 24);
	assert_true(symbols_find(s, addr + 1, &p));
	assert_int_equal(p.offset, 1);
	assert_false(symbols_has(s, 0));
	assert_false(symbols_has(s, UINT64_MAX));
	assert_false(symbols_find(s, UINT64_MAX, &p));
	assert_string_equal(p.name, "");
	assert_string_equal(p.file, "");
	symbols_close(s);
}

static void test_refused(void **state)
{
	struct symbols *s;
	struct err e;

	(void)state;
	assert_int_equal(open_path(&s, "/dev/null", &e), -ENOEXEC);
	assert_string_equal(e.msg, "/dev/null: no symbols: not an ELF file");
	symbols_close(NULL);
}

/*
 * Version 4: one directory "d", files "a.c" and "d/b.c"; rows 0x1000 a.c:3,
 * 0x1002 a.c:5, 0x1008 b.c:4, end 0x1010.
 */
static const char program4[] =
	/* unit_length 79, version 4, header_length 36 */
	"\x4f\0\0\0"
	"\4\0"
	"\x24\0\0\0"
	/* min_inst, max_ops, is_stmt, line_base -5, line_range 14, base 13 */
	"\1\1\1\xfb\x0e\x0d"
	/* operands of opcodes 1 .. 12 */
	"\0\1\1\1\1\0\0\0\1\0\0\1"
	/* directories, files */
	"d\0\0"
	"a.c\0\0\0\0"
	"b.c\0\1\0\0"
	"\0"
	/* set_address 0x1000, advance_line 2, copy */
	"\0\x09\2\0\x10\0\0\0\0\0\0"
	"\3\2"
	"\1"
	/* special opcode: address + 2, line + 2 */
	"\x30"
	/* set_file 2, advance_pc 6, advance_line -1, copy */
	"\4\2"
	"\2\6"
	"\3\x7f"
	"\1"
	/* const_add_pc (17), advance_pc -9: ends at 0x1010 */
	"\x08"
	"\2\xf7\xff\xff\xff\xff\xff\xff\xff\xff\1"
	/* end_sequence; the NUL of the string is not part of it */
	"\0\1\1";
#define PROGRAM4_SIZE (sizeof(program4) - 1)

static bool find(const char *line, size_t size, uint64_t addr,
		 struct dwarf_place *ret)
{
	struct dwarf_lines l = { .line = { (const uint8_t *)line, size } };
	bool found = dwarf_line_find(&l, addr, ret);

	dwarf_line_free(&l);
	return found;
}

static void test_version4(void **state)
{
	static const struct {
		uint64_t addr;
		const char *file;
		unsigned int line;
	} want[] = {
		{ 0x1000, "a.c", 3 },   { 0x1001, "a.c", 3 },
		{ 0x1002, "a.c", 5 },   { 0x1007, "a.c", 5 },
		{ 0x1008, "d/b.c", 4 }, { 0x100f, "d/b.c", 4 },
	};
	struct dwarf_place p;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(find(program4, PROGRAM4_SIZE, want[i].addr, &p));
		assert_string_equal(p.file, want[i].file);
		assert_int_equal(p.line, want[i].line);
	}
	assert_false(find(program4, PROGRAM4_SIZE, 0xfff, &p));
	assert_false(find(program4, PROGRAM4_SIZE, 0x1010, &p));
}

/* Every prefix of a unit, and every byte of it wrong, does no harm. */
static void test_damaged(void **state)
{
	char copy[PROGRAM4_SIZE];
	struct dwarf_place p;

	(void)state;
	for (size_t n = 0; n < PROGRAM4_SIZE; n++)
		assert_false(find(program4, n, 0x1000, &p));
	for (size_t i = 0; i < PROGRAM4_SIZE * 256; i++) {
		memcpy(copy, program4, sizeof(copy));
		copy[i / 256] = (char)i;
		find(copy, sizeof(copy), 0x1000, &p);
	}
}

/* Little-endian bytes at @to; returns what is behind them. */
static uint8_t *put(uint8_t *to, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		*to++ = (uint8_t)(value >> (8 * i));
	return to;
}

/*
 * A version 5 unit for 0x1000 .. 0x1100 with a file table of @count entries:
 * one field each, of @form, @size bytes of 0. @pad bytes stretch the format.
 */
static size_t make_unit(uint8_t *unit, size_t count, uint8_t form, size_t size,
			size_t pad)
{
	static const uint8_t program[] = "\0\x09\2\0\x10\0\0\0\0\0\0"
					 "\1\2\x80\2\1\0\1\1";
	uint8_t *p = unit + 12;

	p = (uint8_t *)memcpy(p, "\1\1\1\xfb\x0e\x0a\0\1\1\1\1\0\0\0\1", 15) +
	    15;
	p = put(p, 0, 2); /* no directories */
	p = put(p, 1, 1); /* one field: a path */
	memset(p, 0x80, pad + 1);
	*p = 0x81;
	p = put(p + pad, pad ? 0 : 1, 1);
	*p++ = form;
	for (size_t n = count; n || p[-1] & 0x80; n >>= 7)
		*p++ = (uint8_t)((n & 0x7f) | (n >> 7 ? 0x80 : 0));
	memset(p, 0, count * size);
	p += count * size;
	put(unit + 8, (uint64_t)(p - unit) - 12, 4);
	memcpy(p, program, sizeof(program) - 1);
	p += sizeof(program) - 1;
	put(unit, (uint64_t)(p - unit) - 4, 4);
	put(unit + 4, 5, 2);
	put(unit + 6, 8, 2);
	return (size_t)(p - unit);
}

/* A file of a few megabytes costs less than a second, whatever is in it. */
static void test_bombs(void **state)
{
	enum {
		COUNT = 300000,
		STRINGS = 4 * COUNT
	};
	uint8_t *unit = malloc(5 * COUNT);
	uint8_t *strings = malloc(STRINGS);
	struct dwarf_lines l = { .line_str = { strings, STRINGS } };
	struct dwarf_place p;
	clock_t start = clock();

	(void)state;
	assert_non_null(unit);
	assert_non_null(strings);
	memset(strings, 'A', STRINGS);
	strings[9] = '\0';
	l.line = (struct dwarf_bytes){ unit, make_unit(unit, 2, 0x1f, 4, 5) };
	assert_true(dwarf_line_find(&l, 0x1000, &p));
	assert_string_equal(p.file, "AAAAAAAAA");
	assert_int_equal(p.line, 1);
	dwarf_line_free(&l);

	strings[9] = 'A';
	l.line.size = make_unit(unit, COUNT, 0x1f, 4, 0);
	assert_false(dwarf_line_find(&l, 0x1000, &p));
	dwarf_line_free(&l);
	l.line.size = make_unit(unit, COUNT, 0x0b, 1, COUNT);
	assert_false(dwarf_line_find(&l, 0x1000, &p));
	dwarf_line_free(&l);
	assert_in_range(clock() - start, 0, 5 * CLOCKS_PER_SEC);
	free(strings);
	free(unit);
}

static void test_nothing(void **state)
{
	struct dwarf_place p;

	(void)state;
	assert_false(find(NULL, 0, 0, &p));
	assert_false(find(program4, 0, 0, &p));
}

/* The allocation that fails: 0 = the next one, -1 = none. */
static int fail_at = -1;

static bool fails(void)
{
	return fail_at >= 0 && fail_at-- == 0;
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

/* Without memory there are no symbols, or names without lines. */
static void test_no_memory(void **state)
{
	uint64_t addr = (uint64_t)(uintptr_t)landmark;
	bool opened = false;
	struct symbols *s;
	struct symbol_place p;

	(void)state;
	for (int n = 0; n < 100; n++) {
		fail_at = n;
		opened = open_path(&s, "/proc/self/exe", NULL) == 0;
		if (!opened)
			continue;
		assert_true(symbols_find(s, addr, &p));
		assert_string_equal(p.name, "landmark");
		symbols_close(s);
		if (fail_at >= 0)
			break; /* nothing failed any more */
	}
	fail_at = -1;
	assert_true(opened);
	assert_non_null(strstr(p.file, "symbols_test.c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_version4),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("symbols", tests, NULL, NULL);
}
