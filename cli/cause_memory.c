// SPDX-License-Identifier: Apache-2.0
// Likely causes that have to do with page tables, pointers and the stack.
#include "cli/cause.h"

#include "base/x86.h"

#define PF_P       1u
#define PF_W       2u
#define PF_RSVD    8u
#define PF_I       16u
#define DF         8u
#define PF         14u
#define NULL_PAGES UINT64_C(65536)
#define UPPER_HALF UINT64_C(0xffff800000000000)
#define FRAME_MAX  (UINT64_C(1) << 20)

/* A page fault: reported, or the likely start of a triple fault. */
static bool is_pf(const struct crash *c, uint64_t set, uint64_t clear)
{
	return c->vector == PF && (c->error & set) == set &&
	       (c->error & clear) == 0;
}

/*
 * Is this a touch of the page below a mapped stack? The stack pointer is
 * near: a call or push faults right below it, a large frame above it.
 */
static bool below_stack(const struct crash *c, gva_t touched)
{
	gva_t sp = c->report->regs.gpr[GPR_RSP];
	gva_t above = (touched | (PAGE_4K - 1)) + 1;

	return touched + 256 >= sp && touched < sp + FRAME_MAX &&
	       touched >= NULL_PAGES && !crash_is_mapped(c, touched) &&
	       crash_is_mapped(c, above);
}

static bool stack_overflow(const struct crash *c)
{
	gva_t sp = c->report->regs.gpr[GPR_RSP];

	if (is_pf(c, 0, PF_P | PF_I))
		return below_stack(c, c->report->regs.cr2);
	/* Without a stack of its own the handler cannot run either. */
	if (c->vector == DF || crash_is_triple(c))
		return crash_is_mapped(c, c->ip) &&
		       (below_stack(c, sp - 8) ||
			(below_stack(c, c->report->regs.cr2) &&
			 c->report->regs.cr2 <= sp));
	return false;
}

static bool bad_cr3(const struct crash *c)
{
	const struct walk *w = &c->ip_walk;

	/* Nothing that was just being executed would unmap itself. */
	return (crash_is_triple(c) || is_pf(c, PF_I, 0)) &&
	       w->mode != WALK_FLAT && w->end != WALK_MAPPED &&
	       w->end != WALK_NOT_CANONICAL &&
	       !crash_is_mapped(c, c->report->regs.gpr[GPR_RSP]) &&
	       !crash_is_mapped(c, c->report->regs.idt_base);
}

static bool reserved_bit(const struct crash *c)
{
	return is_pf(c, PF_RSVD, 0);
}

static bool null_call(const struct crash *c)
{
	return (is_pf(c, PF_I, 0) || crash_is_triple(c)) && c->ip < PAGE_4K &&
	       c->ip_walk.end != WALK_MAPPED;
}

static bool nx_jump(const struct crash *c)
{
	return is_pf(c, PF_I | PF_P, PF_RSVD);
}

static bool upper_half_jump(const struct crash *c)
{
	return (is_pf(c, PF_I, PF_P) || crash_is_triple(c)) &&
	       crash_is_long(c) && c->ip >= UPPER_HALF &&
	       c->ip_walk.end == WALK_NOT_PRESENT;
}

static bool wild_jump(const struct crash *c)
{
	return is_pf(c, PF_I, PF_P);
}

static bool null_store(const struct crash *c)
{
	return is_pf(c, PF_W, PF_P | PF_I) && c->report->regs.cr2 < NULL_PAGES;
}

static bool null_load(const struct crash *c)
{
	return is_pf(c, 0, PF_P | PF_I | PF_W) &&
	       c->report->regs.cr2 < NULL_PAGES;
}

static bool write_readonly(const struct crash *c)
{
	return is_pf(c, PF_P | PF_W, PF_RSVD | PF_I);
}

static bool upper_half_data(const struct crash *c)
{
	return is_pf(c, 0, PF_P | PF_I) && crash_is_long(c) &&
	       c->report->regs.cr2 >= UPPER_HALF;
}

static bool wild_pointer(const struct crash *c)
{
	return is_pf(c, 0, PF_P | PF_I);
}

/* Order matters: the more special rule first. */
static const struct cause rules[] = {
	{ "stack-overflow",
	  "stack overflow: the stack grew into the unmapped page below it. Look for deep recursion or large local arrays",
	  stack_overflow },
	{ "bad-cr3",
	  "CR3 was loaded with tables that do not map the running code, the stack or the IDT. Map them before the load",
	  bad_cr3 },
	{ "reserved-bit",
	  "a page table entry has a reserved bit set: a wrong address or garbage in the table",
	  reserved_bit },
	{ "null-call",
	  "a call through a NULL function pointer. The caller is the next frame",
	  null_call },
	{ "nx-jump",
	  "a jump into memory that is not executable (NX): data taken for code, or the page lacks execute rights",
	  nx_jump },
	{ "upper-half-not-mapped",
	  "a jump to the upper half, which is not mapped: build the tables before leaving the addresses the kernel was loaded at",
	  upper_half_jump },
	{ "wild-jump",
	  "a jump to an address where nothing is mapped: a damaged function pointer or return address",
	  wild_jump },
	{ "null-store", "a store through a NULL pointer", null_store },
	{ "null-load", "a load through a NULL pointer", null_load },
	{ "write-readonly",
	  "a write to memory that is mapped read-only, such as code or a string constant",
	  write_readonly },
	{ "upper-half-not-mapped",
	  "an access to the upper half, where nothing is mapped: the kernel is linked or its pointers are made for tables that are not there",
	  upper_half_data },
	{ "wild-pointer",
	  "an access where nothing is mapped: a wild pointer, or memory that the kernel did not map",
	  wild_pointer },
};

const struct cause *cause_find_memory(const struct crash *c)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].fits(c))
			return &rules[i];
	return NULL;
}
