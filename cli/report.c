// SPDX-License-Identifier: Apache-2.0
// The crash report: for people, and as JSON.
#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

#include "base/tally.h"
#include "base/x86.h"
#include "cli/cause.h"
#include "cli/outcome.h"
#include "cli/text.h"

#define ADDR "0x%" PRIx64

/* Intel SDM 3A 6.3.1. */
static const char *const exceptions[32] = {
	[0] = "division error (#DE)",
	[1] = "debug exception (#DB)",
	[2] = "non-maskable interrupt",
	[3] = "breakpoint (#BP)",
	[4] = "overflow (#OF)",
	[5] = "bound exceeded (#BR)",
	[6] = "invalid opcode (#UD)",
	[7] = "FPU not available (#NM)",
	[8] = "double fault (#DF)",
	[10] = "invalid TSS (#TS)",
	[11] = "segment not present (#NP)",
	[12] = "stack segment fault (#SS)",
	[13] = "general protection fault (#GP)",
	[14] = "page fault (#PF)",
	[16] = "x87 error (#MF)",
	[17] = "alignment check (#AC)",
	[18] = "machine check (#MC)",
	[19] = "SSE error (#XM)",
};

static const char *reason_words(enum stop_reason reason)
{
	switch (reason) {
	case STOP_PANICKED:
		return "the kernel said that it crashed";
	case STOP_EXCEPTION:
		return "unhandled exception";
	case STOP_TRIPLE_FAULT:
		return "triple fault: an exception came that the kernel could not take";
	case STOP_HALTED:
		return "halted with interrupts off";
	case STOP_KVM:
		return "KVM could not go on";
	case STOP_STRICT:
		return "an access that no device claims (--strict)";
	case STOP_BAD_CALL:
		return "a hypercall that cannot be served";
	default:
		return "stopped";
	}
}

static void page_fault_words(FILE *out, const struct crash *c)
{
	fprintf(out, "page fault (#PF): %s " ADDR ", %s",
		c->error & 16  ? "execution at"
		: c->error & 2 ? "write to"
			       : "read from",
		c->report->regs.cr2,
		c->error & 8   ? "a reserved bit is set in its page table"
		: c->error & 1 ? "which its page does not allow"
			       : "which is not mapped");
}

void report_reason(FILE *out, const struct crash *c)
{
	const struct exit_report *r = c->report;

	if (r->crash.valid && r->crash.panic) {
		fputs("panic: ", out);
		text_put(out, r->crash.text);
	} else if (c->vector == 14) {
		page_fault_words(out, c);
	} else if (c->vector < 32 && exceptions[c->vector]) {
		fputs(exceptions[c->vector], out);
		if (c->error)
			fprintf(out, ", error code " ADDR, c->error);
	} else if (c->vector != VECTOR_NONE) {
		fprintf(out, "interrupt %u that nobody handles", c->vector);
	} else {
		fputs(reason_words(r->reason), out);
	}
	if (r->text[0]) {
		fputs(": ", out);
		text_put(out, r->text);
	}
}

/* " main+0x12 (main.c:7)", or nothing. */
static void put_place(FILE *out, const struct crash *c, gva_t addr,
		      bool is_call)
{
	struct symbol_place p;

	/* A return address is behind its call, perhaps in the next function. */
	if (!crash_place(c->report, c->symbols, addr - (is_call ? 1 : 0), &p))
		return;
	if (p.name[0]) {
		putc(' ', out);
		text_put(out, p.name);
		fprintf(out, "+0x%" PRIx64, p.offset + (is_call ? 1 : 0));
	}
	if (p.file[0]) {
		fputs(" (", out);
		text_put(out, p.file);
		fprintf(out, ":%u)", p.line);
	}
}

static bool is_astray(const struct crash *c)
{
	return c->ip_walk.end != WALK_MAPPED || c->ip_walk.no_execute;
}

/* The innermost frame that belongs to the kernel's code. */
static unsigned int blamed_frame(const struct crash *c)
{
	/* When the CPU jumped astray, whoever sent it there. */
	unsigned int first = is_astray(c) && c->trace.frames > 1 ? 1 : 0;

	for (unsigned int i = first; i < c->trace.frames; i++) {
		struct symbol_place p;

		if (crash_place(c->report, c->symbols,
				c->trace.pc[i] - (i > 0 ? 1 : 0), &p))
			return i;
	}
	return first;
}

static void put_registers(FILE *out, const struct crash *c)
{
	static const char *const names[16] = { "rax", "rcx", "rdx", "rbx",
					       "rsp", "rbp", "rsi", "rdi",
					       "r8",  "r9",  "r10", "r11",
					       "r12", "r13", "r14", "r15" };
	const struct exit_report *r = c->report;
	const struct cpu_regs *g = &r->regs;

	if (r->crash.valid && r->crash.panic) {
		/* Contract 7.3: these three are recorded, no others. */
		fprintf(out,
			"registers at the panic:\n  rip %016" PRIx64
			" rsp %016" PRIx64 " rbp %016" PRIx64 " cpu %u\n",
			g->rip, g->gpr[GPR_RSP], g->gpr[GPR_RBP], r->cpu);
		return;
	}
	if (r->crash.valid)
		fputs("registers at the fault:\n", out);
	else if (r->stepped)
		fputs("registers before the fault (this CPU forgets them; found by a second run, one instruction at a time):\n",
		      out);
	else if (r->regs_real)
		fputs("registers at the end:\n", out);
	else
		fprintf(out,
			"registers %" PRIu64 ".%03" PRIu64
			" ms before the end (the last exit; KVM has reset the CPU since):\n",
			r->snapshot_age_ns / 1000000,
			r->snapshot_age_ns / 1000 % 1000);
	for (unsigned int i = 0; i < 16; i++)
		fprintf(out, "%s%-3s %016" PRIx64 "%s", i % 4 ? " " : "  ",
			names[i], g->gpr[i], i % 4 == 3 ? "\n" : "");
	fprintf(out,
		"  rip %016" PRIx64 " flags %" PRIx64 " cs %x ss %x cpu %u\n",
		g->rip, g->rflags, g->cs, g->ss, r->cpu);
	fprintf(out,
		"  cr0 %" PRIx64 " cr2 %" PRIx64 " cr3 %" PRIx64 " cr4 %" PRIx64
		" efer %" PRIx64 "\n",
		g->cr0, g->cr2, g->cr3, g->cr4, g->efer);
	fprintf(out, "  gdt %" PRIx64 "/%x idt %" PRIx64 "/%x\n", g->gdt_base,
		g->gdt_limit, g->idt_base, g->idt_limit);
}

static void put_walk(FILE *out, const char *name, gva_t va,
		     const struct walk *w)
{
	static const char *const levels[] = { "",     "PT",   "PD",
					      "PDPT", "PML4", "PML5" };

	fprintf(out, "page walk of %s " ADDR ":", name, va);
	if (w->mode == WALK_FLAT)
		fputs(" paging is off", out);
	for (unsigned int i = 0; i < w->steps; i++)
		fprintf(out, "%s %s " ADDR, i ? "," : "",
			levels[w->step[i].level], w->step[i].entry);
	switch (w->end) {
	case WALK_MAPPED:
		fprintf(out, " -> " ADDR "%s", w->gpa,
			w->in_ram ? "" : ", no memory there");
		if (w->mode != WALK_FLAT)
			fprintf(out, ", %" PRIu64 "K page, r%s%s%s",
				w->page_size / 1024, w->writable ? "w" : "-",
				w->no_execute ? "-" : "x",
				w->user ? ", user" : "");
		break;
	case WALK_NOT_PRESENT:
		fputs(": not present", out);
		break;
	case WALK_RESERVED:
		fputs(": reserved bit set", out);
		break;
	case WALK_NO_TABLE:
		fprintf(out, ": no memory for the table at " ADDR, w->gpa);
		break;
	case WALK_NOT_CANONICAL:
		fputs(" not canonical", out);
		break;
	}
	putc('\n', out);
}

static void put_code(FILE *out, const struct crash *c)
{
	if (c->code_size == 0) {
		fputs("code: not readable\n", out);
		return;
	}
	fputs("code:", out);
	for (size_t i = 0; i < c->code_size; i++)
		fprintf(out, i == c->code_before ? " <%02x>" : " %02x",
			c->code[i]);
	putc('\n', out);
}

static void put_trace(FILE *out, const struct crash *c)
{
	const struct backtrace *b = &c->trace;

	fputs("backtrace:\n", out);
	for (unsigned int i = 0; i < b->frames; i++) {
		fprintf(out, "  #%u " ADDR, i, b->pc[i]);
		put_place(out, c, b->pc[i], i > 0);
		if (b->repeats[i] > 1)
			fprintf(out, ", %u times", b->repeats[i]);
		putc('\n', out);
	}
	if (b->cut)
		fputs("  and more\n", out);
}

static void put_events(FILE *out, const struct exit_report *r)
{
	if (r->events_count == 0)
		return;
	fputs("last exits, the newest last:\n", out);
	for (unsigned int i = 0; i < r->events_count && i < REPORT_EVENTS_MAX;
	     i++) {
		const struct exit_event *e = &r->events[i];

		fprintf(out, "  %s", event_name(e->kind));
		if (e->kind == EXIT_PIO || e->kind == EXIT_MMIO ||
		    e->kind == EXIT_DOORBELL || e->kind == EXIT_MSR)
			fprintf(out, " %s " ADDR " %s " ADDR " (%u)",
				e->write ? "write" : "read", e->addr,
				e->write ? "<-" : "->", e->value, e->size);
		fprintf(out, " at " ADDR "\n", e->rip);
	}
}

void report_print(FILE *out, const struct crash *c)
{
	const struct exit_report *r = c->report;
	unsigned int blamed = blamed_frame(c);

	fputs("dive: kernel crashed: ", out);
	report_reason(out, c);
	fprintf(out, "\nat: " ADDR, c->trace.pc[blamed]);
	/* Astray without a caller: the instruction before led there. */
	put_place(out, c, c->trace.pc[blamed], blamed > 0 || is_astray(c));
	if (!c->symbols)
		fputs(" (no symbols in the image)", out);
	if (!r->regs_real && !r->crash.valid)
		fputs(", when last seen", out);
	fprintf(out, "\nlikely cause: %s\n\n", cause_find(c)->text);
	put_registers(out, c);
	put_walk(out, "RIP", c->ip, &c->ip_walk);
	if (c->vector == 14 || c->vector == 8 || r->reason == STOP_TRIPLE_FAULT)
		put_walk(out, "CR2", r->regs.cr2, &c->cr2_walk);
	put_code(out, c);
	put_trace(out, c);
	put_events(out, r);
	if (r->unclaimed)
		fprintf(out,
			"accesses that no device claimed: %" PRIu64
			", the first at " ADDR "\n",
			r->unclaimed, r->unclaimed_addr);
}

static void json_frames(struct json *j, const struct crash *c)
{
	json_open(j, "backtrace", '[');
	for (unsigned int i = 0; i < c->trace.frames; i++) {
		struct symbol_place p;

		crash_place(c->report, c->symbols,
			    c->trace.pc[i] - (i > 0 ? 1 : 0), &p);
		json_open(j, NULL, '{');
		json_hex(j, "pc", c->trace.pc[i]);
		json_string(j, "name", p.name[0] ? p.name : NULL);
		json_string(j, "file", p.file[0] ? p.file : NULL);
		json_number(j, "line", p.line);
		json_number(j, "repeats", c->trace.repeats[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void report_json(struct json *j, const struct crash *c)
{
	const struct cause *cause = cause_find(c);

	json_open(j, "crash", '{');
	json_string(j, "likely", cause->name);
	json_string(j, "likely_text", cause->text);
	if (c->vector != VECTOR_NONE) {
		json_number(j, "vector", c->vector);
		json_number(j, "error", c->error);
	}
	if (c->report->crash.panic)
		json_string(j, "panic", c->report->crash.text);
	json_bool(j, "registers_real",
		  c->report->regs_real || c->report->crash.valid);
	json_hex(j, "rip", c->ip);
	json_hex(j, "cr2", c->report->regs.cr2);
	json_hex(j, "cr3", c->report->regs.cr3);
	json_hex(j, "rsp", c->report->regs.gpr[4]);
	json_number(j, "blamed", blamed_frame(c));
	json_frames(j, c);
	json_close(j, '}');
}

void report_whereabouts(FILE *out, const struct exit_report *now,
			struct symbols *symbols)
{
	struct crash c = { .report = now, .symbols = symbols };
	gva_t ip = backtrace_linear_ip(&now->regs);
	struct symbol_place p;

	if (crash_place(now, symbols, ip, &p)) {
		fputs("in", out);
		put_place(out, &c, ip, false);
	} else {
		fprintf(out, ADDR "%s", ip,
			symbols ? "" : " (no symbols in the image)");
	}
}
