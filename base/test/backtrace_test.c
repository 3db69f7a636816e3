// SPDX-License-Identifier: Apache-2.0
// Backtraces: good stacks, functions without a frame, stacks that lie.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/backtrace.h"

#define CODE  0x1000u
#define STACK 0x3000u
#define RAM   0x4000u
#define LMA   (UINT64_C(1) << 10)
#define RSP   4
#define RBP   5

static uint8_t ram[RAM];
static struct gmem mem;
static struct cpu_regs regs;
static struct backtrace trace;

static void put(gpa_t at, uint64_t value)
{
	assert_int_equal(gmem_write(&mem, at, &value, 8), 0);
}

static void code(gpa_t at, const char *bytes, size_t n)
{
	assert_int_equal(gmem_write(&mem, at, bytes, n), 0);
}

/* Paging is off, so that linear is physical; two frames on the stack. */
static int setup(void **state)
{
	struct gmem_region r = { .size = RAM, .host = ram };

	(void)state;
	memset(ram, 0x90, RAM);
	memset(&mem, 0, sizeof(mem));
	memset(&regs, 0, sizeof(regs));
	assert_int_equal(gmem_add(&mem, &r, NULL), 0);
	regs.efer = LMA;
	regs.rip = CODE;
	regs.gpr[RSP] = STACK;
	regs.gpr[RBP] = STACK + 0x20;
	put(STACK + 0x20, STACK + 0x40);
	put(STACK + 0x28, 0x1111);
	put(STACK + 0x40, 0);
	put(STACK + 0x48, 0x1222);
	return 0;
}

static void test_frames(void **state)
{
	(void)state;
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 3);
	assert_true(trace.pc[0] == CODE);
	assert_true(trace.pc[1] == 0x1111);
	assert_true(trace.pc[2] == 0x1222);
	assert_false(trace.cut);
}

/* RBP is still the caller's: the return address of this call is at RSP. */
static void test_prologue(void **state)
{
	(void)state;
	put(STACK, 0x1333);
	code(CODE, "\x55\x48\x89\xe5", 4);
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 4);
	assert_true(trace.pc[1] == 0x1333);
	assert_true(trace.pc[2] == 0x1111);

	code(CODE, "\xf3\x0f\x1e\xfa\x55", 5);
	backtrace_take(&mem, &regs, 0, &trace);
	assert_true(trace.pc[1] == 0x1333);

	put(STACK, 0);
	put(STACK + 8, 0x1333);
	code(CODE, "\x48\x89\xe5\x90\x90", 5);
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 4);
	assert_true(trace.pc[1] == 0x1333);
}

/* A function that calls no other has no frame, if it has this beginning. */
static void test_leaf(void **state)
{
	(void)state;
	put(STACK, 0x1335);
	code(0x1330, "\xe8\x00\x00\x00\x00", 5);
	backtrace_take(&mem, &regs, CODE - 4, &trace);
	assert_int_equal(trace.frames, 4);
	assert_true(trace.pc[1] == 0x1335);
	code(0x1330, "\x90\x90\x90\x90\x90", 5); /* no call before it */
	backtrace_take(&mem, &regs, CODE - 4, &trace);
	assert_int_equal(trace.frames, 3);
	code(0x1333, "\xff\xd0", 2); /* call *%rax */
	backtrace_take(&mem, &regs, CODE - 4, &trace);
	assert_int_equal(trace.frames, 4);
	code(CODE - 4, "\x55", 1); /* it has a frame after all */
	backtrace_take(&mem, &regs, CODE - 4, &trace);
	assert_int_equal(trace.frames, 3);
}

static void test_null_call(void **state)
{
	(void)state;
	put(STACK, 0x1335);
	regs.rip = RAM + 0x1000;
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 4);
	assert_true(trace.pc[0] == RAM + 0x1000);
	assert_true(trace.pc[1] == 0x1335);
}

static void test_recursion(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		put(0x2000 + 16 * i, 0x2000 + 16 * (i + 1));
		put(0x2000 + 16 * i + 8, 0x1111);
	}
	regs.gpr[RBP] = 0x2000;
	put(0x2000 + 1600, 0);
	put(0x2000 + 1608, 0x1222);
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 3);
	assert_int_equal(trace.repeats[1], 100);
	assert_true(trace.pc[2] == 0x1222);
	assert_false(trace.cut);
	for (unsigned int i = 0; i < 100; i++)
		put(0x2000 + 16 * i + 8, 0x1100 + i);
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, BACKTRACE_MAX);
	assert_true(trace.cut);
}

static void test_lies(void **state)
{
	(void)state;
	put(STACK + 0x20, STACK + 0x20); /* its own caller */
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 2);
	put(STACK + 0x20, STACK); /* downwards */
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 2);
	put(STACK + 0x28, RAM); /* no code there */
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 1);
	regs.gpr[RBP] = STACK + 0x21; /* not aligned */
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 1);
	regs.gpr[RBP] = UINT64_MAX - 7;
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 1);
	regs.gpr[RBP] = RAM - 8; /* half of it is there */
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 1);
}

static void test_32bit(void **state)
{
	uint32_t frame[4] = { STACK + 8, 0x1111, 0, 0x1222 };

	(void)state;
	regs.efer = 0;
	regs.cs_base = 0x10;
	regs.rip = CODE - 0x10;
	regs.gpr[RBP] = STACK;
	assert_int_equal(gmem_write(&mem, STACK, frame, sizeof(frame)), 0);
	backtrace_take(&mem, &regs, 0, &trace);
	assert_int_equal(trace.frames, 3);
	assert_true(trace.pc[0] == CODE);
	assert_true(trace.pc[2] == 0x1222);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_frames, setup),
		cmocka_unit_test_setup(test_prologue, setup),
		cmocka_unit_test_setup(test_leaf, setup),
		cmocka_unit_test_setup(test_null_call, setup),
		cmocka_unit_test_setup(test_recursion, setup),
		cmocka_unit_test_setup(test_lies, setup),
		cmocka_unit_test_setup(test_32bit, setup),
	};

	return cmocka_run_group_tests_name("backtrace", tests, NULL, NULL);
}
