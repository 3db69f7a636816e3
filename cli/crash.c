// SPDX-License-Identifier: Apache-2.0
// Everything there is to know about a crash, gathered once.
#include "cli/crash.h"

#include <string.h>

#include "base/x86.h"

/*
 * A kernel runs at its linked addresses plus the slide; with virt_base, or
 * once a foreign kernel has set up its own tables, at the linked addresses;
 * and before that at its physical ones.
 */
bool crash_place(const struct exit_report *report, struct symbols *symbols,
		 gva_t addr, struct symbol_place *ret)
{
	uint64_t linked = addr - report->slide;

	memset(ret, 0, sizeof(*ret));
	if (!symbols)
		return false;
	if (report->virt_base && addr >= report->virt_base &&
	    symbols_has(symbols, addr))
		return symbols_find(symbols, addr, ret);
	if (symbols_has(symbols, linked))
		return symbols_find(symbols, linked, ret);
	if (symbols_has(symbols, addr))
		return symbols_find(symbols, addr, ret);
	if (symbols_link_address(symbols, linked, &linked))
		return symbols_find(symbols, linked, ret);
	return false;
}

static void read_code(struct crash *c)
{
	const struct exit_report *r = c->report;
	uint64_t before = CRASH_CODE_BEFORE;

	/* Not across a page that may be missing. */
	if (before > (c->ip & 0xfff))
		before = c->ip & 0xfff;
	c->code_before = (size_t)before;
	c->code_size = pagewalk_read(&r->mem, &r->regs, c->ip - before, c->code,
				     c->code_before + CRASH_CODE_AFTER);
	if (c->code_size <= c->code_before)
		c->code_size = 0;
	else
		insn_decode(&r->regs, c->code + c->code_before,
			    c->code_size - c->code_before, &c->insn);
}

/*
 * A panic records where dive_panic() would return to and its frame: go to the
 * call itself and the caller's frame.
 */
static void undo_call(const struct gmem *mem, struct cpu_regs *regs)
{
	uint64_t frame[2];

	if (pagewalk_read(mem, regs, regs->gpr[GPR_RBP], frame,
			  sizeof(frame)) == sizeof(frame) &&
	    frame[1] == regs->rip)
		regs->gpr[GPR_RBP] = frame[0];
	regs->rip--;
}

void crash_gather(struct crash *c, const struct exit_report *report,
		  struct symbols *symbols)
{
	const struct cpu_crash *x = &report->crash;
	struct cpu_regs regs = report->regs;
	gva_t function = 0;
	struct symbol_place p;

	memset(c, 0, sizeof(*c));
	c->report = report;
	c->symbols = symbols;
	c->vector = VECTOR_NONE;
	if (x->valid && !x->panic && x->vector < VECTOR_NONE) {
		c->vector = (unsigned int)x->vector;
		c->error = x->error;
	}
	if (x->valid && x->panic)
		undo_call(&report->mem, &regs);
	c->ip = backtrace_linear_ip(&regs);
	pagewalk(&report->mem, &regs, c->ip, &c->ip_walk);
	pagewalk(&report->mem, &regs, regs.cr2, &c->cr2_walk);
	read_code(c);
	if (crash_place(report, symbols, c->ip, &p) && p.name[0])
		function = c->ip - p.offset;
	backtrace_take(&report->mem, &regs, function, &c->trace);
}

bool crash_is_mapped(const struct crash *c, gva_t va)
{
	struct walk w;

	pagewalk(&c->report->mem, &c->report->regs, va, &w);
	return w.end == WALK_MAPPED && w.in_ram;
}

bool crash_is_triple(const struct crash *c)
{
	return c->report->reason == STOP_TRIPLE_FAULT && c->report->regs_real;
}

bool crash_is_long(const struct crash *c)
{
	return c->report->regs.efer & EFER_LMA;
}
