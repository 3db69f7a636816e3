// SPDX-License-Identifier: Apache-2.0
// Likely causes: a small machine, broken in one way after the other.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "cli/cause.h"
#include "cli/report.h"
#include "loader/pagetable.h"

#define RAM    0x400000u
#define CODE   0x10000u
#define DATA   0x20000u
#define STACK  0x32000u /* guard page at 0x2f000, pages 0x30000, 0x31000 */
#define GDT    0x40000u
#define IDT    0x41000u
#define TABLES 0x100000u
#define RSP    4

static uint8_t *ram;
static struct exit_report r;
static struct crash c;

static void put8(gpa_t at, uint64_t value)
{
	assert_int_equal(gmem_write(&r.mem, at, &value, 8), 0);
}

static void map(struct pagetable *pt, gva_t va, uint64_t size, uint64_t bits)
{
	assert_int_equal(pagetable_map(pt, va, va, size, PTE_P | bits, NULL),
			 0);
}

/* A kernel in good order: code, data, stack over a guard page, GDT, IDT. */
static int setup(void **state)
{
	struct gmem_region region = { .size = RAM };
	struct pagetable pt;

	(void)state;
	ram = calloc(1, RAM);
	region.host = ram;
	memset(&r, 0, sizeof(r));
	assert_int_equal(gmem_add(&r.mem, &region, NULL), 0);
	assert_int_equal(pagetable_init(&pt, &r.mem, TABLES, 0x100000, NULL),
			 0);
	map(&pt, CODE, 0x1000, 0);
	map(&pt, DATA, 0x1000, PTE_W | PTE_NX);
	map(&pt, STACK - 0x2000, 0x2000, PTE_W | PTE_NX);
	map(&pt, GDT, 0x2000, PTE_W | PTE_NX);
	put8(GDT + 8, 0x00af9a000000ffff);
	for (unsigned int v = 0; v < 32; v++)
		put8(IDT + 16 * v, UINT64_C(0x00018e0000080000));
	r.reason = STOP_EXCEPTION;
	r.regs_real = true;
	r.channel = "";
	r.protocol = "contract";
	r.regs = (struct cpu_regs){ .rip = CODE + 0x100,
				    .cr0 = 0x80010033,
				    .cr3 = pt.root,
				    .cr4 = 0x620,
				    .efer = 0xd00,
				    .gdt_base = GDT,
				    .gdt_limit = 15,
				    .idt_base = IDT,
				    .idt_limit = 0xfff,
				    .cs = 8 };
	r.regs.gpr[RSP] = STACK - 0x100;
	memset(ram + CODE, 0x90, 0x1000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(ram);
	return 0;
}

static void code(const char *bytes, size_t n)
{
	memcpy(ram + CODE + 0x100, bytes, n);
}

#define CODE_IS(bytes) code(bytes, sizeof(bytes) - 1)

static void fault(uint64_t vector, uint64_t error, uint64_t cr2)
{
	r.crash = (struct cpu_crash){ .valid = true,
				      .vector = vector,
				      .error = error };
	r.regs.cr2 = cr2;
}

static void triple(void)
{
	r.reason = STOP_TRIPLE_FAULT;
	r.crash.valid = false;
}

static void expect(const char *name)
{
	crash_gather(&c, &r, NULL);
	assert_string_equal(cause_find(&c)->name, name);
}

static void test_page_faults(void **state)
{
	(void)state;
	fault(14, 2, 0);
	expect("null-store");
	fault(14, 0, 0x28);
	expect("null-load");
	fault(14, 2, 0x2345678);
	expect("wild-pointer");
	fault(14, 3, CODE);
	expect("write-readonly");
	fault(14, 9, DATA);
	expect("reserved-bit");
	fault(14, 0, 0xffffffff80000000);
	expect("upper-half-not-mapped");
	r.regs.rip = DATA;
	fault(14, 0x11, DATA);
	expect("nx-jump");
	r.regs.rip = 0;
	fault(14, 0x10, 0);
	expect("null-call");
	r.regs.rip = 0x2345678;
	fault(14, 0x10, 0x2345678);
	expect("wild-jump");
	r.regs.rip = 0xffffffff80000000;
	fault(14, 0x10, 0xffffffff80000000);
	expect("upper-half-not-mapped");
}

static void test_stack(void **state)
{
	(void)state;
	r.regs.gpr[RSP] = STACK - 0x2000; /* the next push goes below */
	fault(14, 2, STACK - 0x2008);
	expect("stack-overflow");
	r.regs.gpr[RSP] = STACK - 0x4000; /* a large frame */
	fault(14, 2, STACK - 0x2010);
	expect("stack-overflow");
	/* Not mapped, but the stack is elsewhere. */
	r.regs.gpr[RSP] = STACK - 0x100;
	fault(14, 2, STACK - 0x2010);
	expect("wild-pointer");
	/* Near the stack pointer, but above the stack. */
	r.regs.gpr[RSP] = STACK;
	fault(14, 0, STACK);
	expect("wild-pointer");
	r.regs.gpr[RSP] = STACK - 0x2000;
	fault(8, 0, STACK - 0x2008);
	expect("stack-overflow");
	triple();
	expect("stack-overflow");
}

static void test_triple(void **state)
{
	(void)state;
	triple();
	expect("unknown");
	r.regs.idt_limit = 0;
	expect("no-idt");
	r.regs.idt_limit = 0xfff;
	r.regs.idt_base = 0x2345000;
	expect("no-idt");
	r.regs.idt_base = IDT;
	put8(IDT + 16 * 13, UINT64_C(0x00018e0000100000)); /* selector 16 */
	expect("bad-gate");
	put8(IDT + 16 * 13, UINT64_C(0x00018e0000080000));
	put8(GDT + 8, 0x00cf92000000ffff); /* data */
	expect("wrong-gdt");
	put8(GDT + 8, 0x00af9a000000ffff);
	r.regs.gdt_limit = 7;
	expect("wrong-gdt");
	r.regs.gdt_limit = 15;
	r.regs.cr3 = 0x3000; /* nothing in there */
	expect("bad-cr3");
	r.regs.cr3 = RAM; /* not memory */
	expect("bad-cr3");
	/* Registers of long before say nothing. */
	r.regs_real = false;
	r.regs.idt_limit = 0;
	expect("unknown");
}

static void test_protection(void **state)
{
	(void)state;
	fault(13, 0x10, 0);
	expect("wrong-gdt");
	fault(13, 0x102, 0);
	expect("bad-gate");
	fault(13, 0, 0);
	expect("unknown");
	r.regs.gpr[0] = UINT64_C(0xdead000000001000);
	CODE_IS("\x48\x8b\x40\x08"); /* mov 8(%rax), %rax */
	expect("non-canonical");
	r.regs.gpr[0] = 0x1000; /* a fault, but not for that */
	expect("unknown");
	CODE_IS("\xff\xd1"); /* call *%rcx */
	r.regs.gpr[1] = UINT64_C(0x800000000000);
	expect("non-canonical");
	CODE_IS("\xc3");
	put8(STACK - 0x100, UINT64_C(0x7ffffffffffff));
	expect("non-canonical");
	CODE_IS("\x0f\x22\xe0");
	expect("bad-control-register");
	CODE_IS("\x0f\x32");
	expect("bad-msr");
	CODE_IS("\x0f\x28\x00"); /* movaps (%rax) */
	r.regs.gpr[0] = DATA + 8;
	expect("unaligned-sse");
}

static void test_instructions(void **state)
{
	(void)state;
	fault(6, 0, 0);
	CODE_IS("\x0f\x0b");
	expect("trap");
	CODE_IS("\x0f\x28\xc1");
	expect("unknown-instruction"); /* OSFXSR is set */
	r.regs.cr4 &= ~UINT64_C(0x200);
	expect("sse-without-osfxsr");
	CODE_IS("\xc5\xf8\x28\xc1");
	expect("avx-without-osxsave");
	fault(7, 0, 0);
	expect("unknown");
	r.regs.cr0 |= 8;
	expect("fpu-not-available");
	fault(0, 0, 0);
	CODE_IS("\xf7\xf1");
	expect("division-by-zero");
	r.regs.gpr[1] = 1;
	expect("quotient-overflow");
	CODE_IS("\xf7\x34\x25\x00\x00\x02\x00"); /* divl DATA */
	expect("division-by-zero");
	put8(DATA, 5);
	expect("quotient-overflow");
	CODE_IS("\x90");
	expect("unknown"); /* somebody said int 0 */
	fault(3, 0, 0);
	expect("breakpoint");
}

static void test_said(void **state)
{
	(void)state;
	r.reason = STOP_HALTED;
	expect("halted");
	r.reason = STOP_PANICKED;
	expect("panic");
	r.reason = STOP_STRICT;
	expect("unclaimed-access");
	r.reason = STOP_KVM;
	expect("unknown");
	r.regs.cr0 = 1; /* paging off, beyond memory */
	r.regs.efer = 0;
	r.regs.rip = RAM;
	expect("outside-ram");
}

/* Nothing of the guest reaches the terminal as it is. */
static void test_report(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fault(14, 2, 0);
	r.events_count = 1;
	r.events[0] = (struct exit_event){ .kind = EXIT_PIO,
					   .write = true,
					   .size = 1,
					   .addr = 0x3f8,
					   .value = 'x',
					   .rip = CODE };
	snprintf(r.text, sizeof(r.text), "%s", "\x1b[2J");
	crash_gather(&c, &r, NULL);
	report_print(out, &c);
	fclose(out);
	assert_memory_equal(text,
			    "dive: kernel crashed: page fault (#PF): "
			    "write to 0x0, which is not mapped: \\x1b[2J"
			    "\nat: 0x10100 (no symbols in the image)\n"
			    "likely cause: a store through a NULL "
			    "pointer\n",
			    100);
	assert_non_null(
		strstr(text, "  pio write 0x3f8 <- 0x78 (1) at 0x10000"));
	assert_non_null(strstr(text, "page walk of CR2 0x0: PML4"));
	assert_non_null(strstr(text, " 90 <90> 90"));
	for (size_t i = 0; i < size; i++)
		assert_true(text[i] == '\n' ||
			    (text[i] >= 32 && text[i] < 127));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_page_faults),  TEST(test_stack),
		TEST(test_triple),       TEST(test_protection),
		TEST(test_instructions), TEST(test_said),
		TEST(test_report),
	};

	return cmocka_run_group_tests_name("cause", tests, NULL, NULL);
}
