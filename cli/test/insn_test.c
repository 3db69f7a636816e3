// SPDX-License-Identifier: Apache-2.0
// Decoding of faulting instructions, as the assembler encodes them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/insn.h"

#define LMA (UINT64_C(1) << 10)

static struct cpu_regs regs;
static struct insn i;

static void decode(const char *code, size_t n)
{
	insn_decode(&regs, (const uint8_t *)code, n, &i);
}

#define DECODE(code) decode(code, sizeof(code) - 1)

/* Register n holds 0x1000 * (n + 1). */
static int setup(void **state)
{
	(void)state;
	regs = (struct cpu_regs){ .efer = LMA };
	for (unsigned int n = 0; n < 16; n++)
		regs.gpr[n] = 0x1000 * (n + 1);
	return 0;
}

static void test_addresses(void **state)
{
	(void)state;
	DECODE("\x48\x8b\x40\x08"); /* mov 8(%rax), %rax */
	assert_true(i.valid && i.has_addr && i.addr == 0x1008);
	assert_int_equal(i.size, 8);
	DECODE("\x89\x5d\xfc"); /* mov %ebx, -4(%rbp) */
	assert_true(i.has_addr && i.addr == 0x6000 - 4);
	assert_int_equal(i.size, 4);
	DECODE("\x43\x88\x4c\xa8\x10"); /* mov %cl, 16(%r8,%r13,4) */
	assert_true(i.has_addr && i.addr == 0x9000 + 4 * 0xe000 + 16);
	assert_int_equal(i.size, 1);
	DECODE("\x8b\x04\x24"); /* mov (%rsp), %eax: no index */
	assert_true(i.has_addr && i.addr == 0x5000);
	DECODE("\x8b\x04\x25\x00\x00\x00\x80"); /* mov 0xffffffff80000000 */
	assert_true(i.has_addr && i.addr == UINT64_C(0xffffffff80000000));
	DECODE("\x8b\x84\x13\x00\x01\x00\x00"); /* mov 256(%rbx,%rdx) */
	assert_true(i.has_addr && i.addr == 0x4000 + 0x3000 + 256);
	DECODE("\x8b\x05\x00\x00\x00\x00"); /* mov 0(%rip), %eax */
	assert_true(i.valid && !i.has_addr);
	DECODE("\xf3\x48\xab"); /* rep stos */
	assert_true(i.has_addr && i.addr == 0x8000);
	DECODE("\xc3"); /* ret */
	assert_true(i.has_addr && i.addr == 0x5000);
	DECODE("\x90");
	assert_true(i.valid && !i.has_addr);
}

static void test_operands(void **state)
{
	(void)state;
	DECODE("\xf7\xf1"); /* div %ecx */
	assert_true(i.valid && i.opcode == 0xf7 && i.mod == 3);
	assert_int_equal(i.reg, 6);
	assert_true(insn_operand(&i, &regs) == 0x2000);
	regs.gpr[1] = UINT64_C(0x1234500000067);
	assert_true(insn_operand(&i, &regs) == 0x67);
	DECODE("\x49\xf7\xf9"); /* idiv %r9 */
	assert_true(i.reg == 7 && i.rm == 9 && i.size == 8);
	assert_true(insn_operand(&i, &regs) == 0xa000);
	DECODE("\x66\xf7\xf3"); /* div %bx */
	assert_int_equal(i.size, 2);
	DECODE("\xff\xd0"); /* call *%rax */
	assert_true(i.opcode == 0xff && i.mod == 3 && i.reg == 2);
}

static void test_sse(void **state)
{
	(void)state;
	DECODE("\x0f\x28\xc1"); /* movaps */
	assert_true(insn_is_sse(&i));
	DECODE("\x66\x0f\x6f\x07"); /* movdqa (%rdi), %xmm0 */
	assert_true(insn_is_sse(&i) && i.addr == 0x8000);
	DECODE("\x0f\x6f\x07"); /* movq (%rdi), %mm0: MMX */
	assert_false(insn_is_sse(&i));
	DECODE("\xf2\x0f\x10\x07"); /* movsd */
	assert_true(insn_is_sse(&i));
	DECODE("\xf3\x44\x0f\x7e\x06"); /* movq (%rsi), %xmm8 */
	assert_true(insn_is_sse(&i) && i.reg == 8);
	DECODE("\x66\x0f\x38\x00\xc1"); /* pshufb */
	assert_true(insn_is_sse(&i));
	DECODE("\x0f\x0b"); /* ud2 */
	assert_true(i.valid && i.opcode == 0x0f0b && !insn_is_sse(&i));
	DECODE("\x0f\x22\xd8"); /* mov %rax, %cr3 */
	assert_true(i.opcode == 0x0f22 && !insn_is_sse(&i));
	DECODE("\xc5\xf8\x28\xc1"); /* vmovaps */
	assert_true(i.valid && i.vex && !insn_is_sse(&i));
	DECODE("\x0f\xae\x10"); /* ldmxcsr: not counted */
	assert_false(insn_is_sse(&i));
}

static void test_32bit(void **state)
{
	(void)state;
	regs.efer = 0;
	regs.gpr[0] = 0xffffffff;
	DECODE("\x8b\x40\x08"); /* mov 8(%eax), %eax wraps */
	assert_true(i.has_addr && i.addr == 7);
	DECODE("\xa1\x05\x00\x00\x00");
	assert_true(i.valid);
	DECODE("\x8b\x05\x00\x10\x00\x00"); /* mov 0x1000, %eax */
	assert_true(i.has_addr && i.addr == 0x1000);
	DECODE("\x48"); /* dec %eax, no REX */
	assert_true(i.valid && i.opcode == 0x48);
}

static void test_cut(void **state)
{
	static const char code[] = "\x66\x43\x0f\x6f\x8c\xa8\x10\x00\x00\x00";

	(void)state;
	for (size_t n = 0; n < sizeof(code) - 1; n++) {
		decode(code, n);
		assert_false(i.valid);
	}
	decode(code, sizeof(code) - 1);
	assert_true(i.valid);
	DECODE("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66");
	assert_false(i.valid); /* nothing but prefixes */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_addresses, setup),
		cmocka_unit_test_setup(test_operands, setup),
		cmocka_unit_test_setup(test_sse, setup),
		cmocka_unit_test_setup(test_32bit, setup),
		cmocka_unit_test_setup(test_cut, setup),
	};

	return cmocka_run_group_tests_name("insn", tests, NULL, NULL);
}
