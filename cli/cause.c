// SPDX-License-Identifier: Apache-2.0
// The likely cause of a crash: a table of rules, the first that fits.
#include "cli/cause.h"

#include "base/x86.h"

#define DE 0u
#define BP 3u
#define UD 6u
#define NM 7u
#define GP 13u
#define PF 14u
#define AC 17u

static bool is_canonical(uint64_t addr)
{
	int64_t top = (int64_t)addr >> 47;

	return top == 0 || top == -1;
}

/* Is a selector one of a present code segment in the GDT? */
static bool is_code_selector(const struct crash *c, uint16_t selector)
{
	const struct cpu_regs *g = &c->report->regs;
	uint64_t offset = selector & ~7u;
	uint64_t d;

	if (offset == 0 || offset + 7 > g->gdt_limit ||
	    pagewalk_read(&c->report->mem, g, g->gdt_base + offset, &d, 8) != 8)
		return false;
	/* Present, code or data, executable (Intel SDM 3A 3.4.5). */
	return (d >> 40 & 0x98) == 0x98;
}

static bool wrong_gdt(const struct crash *c)
{
	return crash_is_triple(c) && crash_is_long(c) &&
	       crash_is_mapped(c, c->ip) &&
	       !is_code_selector(c, c->report->regs.cs);
}

static bool no_idt(const struct crash *c)
{
	const struct cpu_regs *g = &c->report->regs;

	return crash_is_triple(c) && crash_is_mapped(c, c->ip) &&
	       (g->idt_limit < (crash_is_long(c) ? 16 * 7 - 1 : 8 * 7 - 1) ||
		!crash_is_mapped(c, g->idt_base));
}

/* The gate of a vector, for a triple fault in long mode. */
static bool bad_gate(const struct crash *c)
{
	const struct cpu_regs *g = &c->report->regs;
	uint64_t gate;

	if (!crash_is_triple(c) || !crash_is_long(c) ||
	    !crash_is_mapped(c, c->ip) ||
	    pagewalk_read(&c->report->mem, g, g->idt_base + 16 * GP, &gate,
			  8) != 8)
		return false;
	return g->idt_limit < 16 * (PF + 1) - 1 || !(gate >> 47 & 1) ||
	       !is_code_selector(c, (uint16_t)(gate >> 16));
}

static bool bad_gate_gp(const struct crash *c)
{
	return (c->vector == GP || c->vector == 11) && (c->error & 2);
}

static bool bad_selector(const struct crash *c)
{
	return (c->vector == GP || c->vector == 11) && c->error != 0;
}

static bool non_canonical(const struct crash *c)
{
	const struct insn *i = &c->insn;
	uint64_t target = 0;

	if ((c->vector != GP && c->vector != 12) || c->error != 0 ||
	    !crash_is_long(c))
		return false;
	if (c->ip_walk.end == WALK_NOT_CANONICAL)
		return true;
	if (!i->valid)
		return false;
	if (i->has_addr && !is_canonical(i->addr))
		return true;
	/* Indirect call or jump by register; return by stack. */
	if (i->opcode == 0xff && i->mod == 3 && (i->reg & 6) != 6)
		return !is_canonical(c->report->regs.gpr[i->rm & 15]);
	return i->opcode == 0xc3 &&
	       pagewalk_read(&c->report->mem, &c->report->regs,
			     c->report->regs.gpr[GPR_RSP], &target, 8) == 8 &&
	       !is_canonical(target);
}

static bool is_gp0_at(const struct crash *c, uint32_t opcode)
{
	return c->vector == GP && c->error == 0 && c->insn.valid &&
	       c->insn.opcode == opcode;
}

static bool bad_control_register(const struct crash *c)
{
	return is_gp0_at(c, 0x0f22);
}

static bool bad_msr(const struct crash *c)
{
	return is_gp0_at(c, 0x0f30) || is_gp0_at(c, 0x0f32);
}

static bool unaligned_sse(const struct crash *c)
{
	return c->vector == GP && c->error == 0 && insn_is_sse(&c->insn) &&
	       c->insn.has_addr && c->insn.addr % 16 != 0;
}

static bool sse_without_osfxsr(const struct crash *c)
{
	const struct cpu_regs *g = &c->report->regs;

	return (c->vector == UD || crash_is_triple(c)) &&
	       insn_is_sse(&c->insn) &&
	       (!(g->cr4 & CR4_OSFXSR) || (g->cr0 & CR0_EM));
}

static bool avx_without_osxsave(const struct crash *c)
{
	return c->vector == UD && c->insn.valid && c->insn.vex &&
	       !(c->report->regs.cr4 & CR4_OSXSAVE);
}

static bool fpu_not_available(const struct crash *c)
{
	return c->vector == NM && (c->report->regs.cr0 & (CR0_EM | CR0_TS));
}

static bool trap_instruction(const struct crash *c)
{
	return c->vector == UD && c->insn.valid && c->insn.opcode == 0x0f0b;
}

static bool unknown_instruction(const struct crash *c)
{
	return c->vector == UD && c->code_size > 0;
}

static bool is_division(const struct crash *c)
{
	const struct insn *i = &c->insn;

	return c->vector == DE && i->valid && i->has_modrm &&
	       (i->opcode == 0xf6 || i->opcode == 0xf7) && i->reg % 8 >= 6;
}

static bool division_by_zero(const struct crash *c)
{
	const struct insn *i = &c->insn;
	uint64_t value = 0;

	if (!is_division(c))
		return false;
	if (i->mod == 3)
		return insn_operand(i, &c->report->regs) == 0;
	/* A RIP-relative divisor: 0 is by far the likelier. */
	return !i->has_addr ||
	       (pagewalk_read(&c->report->mem, &c->report->regs, i->addr,
			      &value, i->size) == i->size &&
		value == 0);
}

static bool quotient_overflow(const struct crash *c)
{
	return is_division(c);
}

static bool breakpoint(const struct crash *c)
{
	return c->vector == BP;
}

static bool alignment(const struct crash *c)
{
	return c->vector == AC;
}

static bool panic(const struct crash *c)
{
	return c->report->reason == STOP_PANICKED ||
	       (c->report->crash.valid && c->report->crash.panic);
}

static bool halted(const struct crash *c)
{
	return c->report->reason == STOP_HALTED;
}

static bool outside_ram(const struct crash *c)
{
	return c->ip_walk.end == WALK_MAPPED && !c->ip_walk.in_ram &&
	       c->report->reason != STOP_STRICT &&
	       (c->report->regs_real || c->report->crash.valid);
}

static bool strict(const struct crash *c)
{
	return c->report->reason == STOP_STRICT;
}

/* What the kernel or the machine said itself. */
static const struct cause said[] = {
	{ "panic", "the kernel found something wrong itself and said so",
	  panic },
	{ "halted",
	  "all CPUs wait with interrupts off: nothing can wake them. Many kernels stop so after an error: read the last lines of the console",
	  halted },
	{ "unclaimed-access",
	  "under --strict: no device answers there. The address is a wild pointer, or the device is not in this machine",
	  strict },
	{ "outside-ram",
	  "the CPU ran outside of memory: a jump through a bad pointer, or more --mem is needed",
	  outside_ram },
};

/* Order matters: the more special rule first. */
static const struct cause rules[] = {
	{ "wrong-gdt",
	  "wrong GDT: CS does not name a code segment in it, so no exception can be delivered. Check base, limit and descriptors of the GDT",
	  wrong_gdt },
	{ "no-idt",
	  "no IDT: its limit is too small or it is not mapped, so the first exception ended the run. Load an IDT before anything can fault",
	  no_idt },
	{ "bad-gate",
	  "the IDT is damaged: the gate of an exception is not present or names a selector that is no code segment",
	  bad_gate },
	{ "bad-gate",
	  "an interrupt or exception had no valid gate in the IDT (the error code names the vector)",
	  bad_gate_gp },
	{ "wrong-gdt",
	  "wrong GDT: a segment register was loaded with a selector that it does not have (the error code names it). Check limit and descriptors of the GDT",
	  bad_selector },
	{ "non-canonical",
	  "a non-canonical address: bits 63 to 47 are not all equal, so the pointer is damaged",
	  non_canonical },
	{ "sse-without-osfxsr",
	  "an SSE instruction while CR4.OSFXSR is 0. Set it (and CR0.MP, clear CR0.EM), or compile with -mgeneral-regs-only",
	  sse_without_osfxsr },
	{ "avx-without-osxsave",
	  "an AVX instruction while CR4.OSXSAVE is 0. Set it and XCR0, or compile without AVX",
	  avx_without_osxsave },
	{ "fpu-not-available",
	  "an FPU or SSE instruction while CR0.TS or CR0.EM is 1. Clear it with CLTS, or compile with -mgeneral-regs-only",
	  fpu_not_available },
	{ "trap",
	  "the kernel stopped itself with ud2: a failed assertion, or code the compiler holds to be unreachable",
	  trap_instruction },
	{ "unknown-instruction",
	  "an instruction this CPU does not have or does not allow: code for another CPU, or data taken for code",
	  unknown_instruction },
	{ "unaligned-sse",
	  "an SSE access that is not aligned to 16 bytes: often the stack was not aligned at the entry",
	  unaligned_sse },
	{ "bad-control-register",
	  "a control register was loaded with a reserved or forbidden bit",
	  bad_control_register },
	{ "bad-msr",
	  "an MSR that this machine does not have (its number is in RCX)",
	  bad_msr },
	{ "division-by-zero", "division by zero", division_by_zero },
	{ "quotient-overflow",
	  "the quotient of a division does not fit its register",
	  quotient_overflow },
	{ "breakpoint", "int3: a breakpoint that nobody handles", breakpoint },
	{ "unaligned-access",
	  "an access that is not aligned, with alignment checks on",
	  alignment },
};

static const struct cause unknown = { "unknown", "not known", NULL };

static const struct cause *find_in(const struct cause *table, size_t count,
				   const struct crash *c)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].fits(c))
			return &table[i];
	return NULL;
}

const struct cause *cause_find(const struct crash *c)
{
	const struct cause *found;

	found = find_in(said, sizeof(said) / sizeof(said[0]), c);
	if (!found)
		found = cause_find_memory(c);
	if (!found)
		found = find_in(rules, sizeof(rules) / sizeof(rules[0]), c);
	return found ? found : &unknown;
}
