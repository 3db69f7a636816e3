// SPDX-License-Identifier: Apache-2.0
// Who called whom, by frame pointers, on a stack nobody vouches for.
#include "base/backtrace.h"

#include <string.h>

#include "base/pagewalk.h"
#include "base/x86.h"

/* A deep recursion is told as one line, but the walk itself must end. */
#define WALKED_MAX 100000

struct stack {
	const struct gmem *m;
	const struct cpu_regs *regs;
	size_t word; /* bytes: 8 or 4 */
};

gva_t backtrace_linear_ip(const struct cpu_regs *regs)
{
	if (regs->efer & EFER_LMA)
		return regs->rip;
	return (regs->cs_base + regs->rip) & 0xffffffffu;
}

static bool read_word(const struct stack *s, gva_t at, gva_t *ret)
{
	gva_t value = 0;

	if (pagewalk_read(s->m, s->regs, at, &value, s->word) != s->word)
		return false;
	*ret = value;
	return true;
}

/* Adds a frame; false when there is no room. */
static bool add(struct backtrace *b, gva_t pc)
{
	if (b->frames > 0 && b->pc[b->frames - 1] == pc) {
		b->repeats[b->frames - 1]++;
		return true;
	}
	if (b->frames == BACKTRACE_MAX) {
		b->cut = true;
		return false;
	}
	b->pc[b->frames] = pc;
	b->repeats[b->frames++] = 1;
	return true;
}

/* Code that does not keep frame pointers leaves anything in RBP. */
static bool is_code(const struct stack *s, gva_t pc)
{
	struct walk w;

	pagewalk(s->m, s->regs, pc, &w);
	return w.end == WALK_MAPPED && w.in_ram && !w.no_execute;
}

/* Does the code at an address begin with "push %rbp"? */
static bool pushes_frame(const struct stack *s, gva_t at)
{
	static const uint8_t endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	uint8_t code[5] = { 0 };
	size_t n = pagewalk_read(s->m, s->regs, at, code, sizeof(code));

	return (n > 0 && code[0] == 0x55) ||
	       (n == 5 && !memcmp(code, endbr, 4) && code[4] == 0x55);
}

/* Is an address right behind a call instruction? */
static bool follows_call(const struct stack *s, gva_t pc)
{
	uint8_t code[6];

	if (pagewalk_read(s->m, s->regs, pc - 6, code, 6) != 6)
		return false;
	/* call rel32; call *reg; call *disp8(reg); call *disp32 */
	return code[1] == 0xe8 ||
	       (code[4] == 0xff && (code[5] & 0x38) == 0x10) ||
	       (code[3] == 0xff && (code[4] & 0x38) == 0x10) ||
	       (code[0] == 0xff && (code[1] & 0x38) == 0x10);
}

/*
 * Is RBP still the caller's, and where is the return address then? Before
 * "push %rbp" at RSP; before "mov %rsp, %rbp" above the pushed RBP; at RSP
 * when the code cannot even be read: the CPU came by a call. Compilers keep
 * no frame in a function that calls no other: most likely at RSP, too.
 */
static bool in_caller_frame(const struct stack *s, gva_t ip, gva_t function,
			    gva_t *ret_pc)
{
	gva_t sp = s->regs->gpr[GPR_RSP];
	uint8_t code[3] = { 0 };
	size_t n = pagewalk_read(s->m, s->regs, ip, code, sizeof(code));
	const uint8_t *mov = s->word == 8 ? code + 1 : code;

	if (!is_code(s, ip) || pushes_frame(s, ip))
		return read_word(s, sp, ret_pc);
	if (n == 3 && (s->word == 4 || code[0] == 0x48) &&
	    ((mov[0] == 0x89 && mov[1] == 0xe5) ||
	     (mov[0] == 0x8b && mov[1] == 0xec)))
		return read_word(s, sp + s->word, ret_pc);
	return function && !pushes_frame(s, function) &&
	       read_word(s, sp, ret_pc) && follows_call(s, *ret_pc);
}

void backtrace_take(const struct gmem *m, const struct cpu_regs *regs,
		    gva_t function, struct backtrace *ret)
{
	struct stack s = { m, regs, regs->efer & EFER_LMA ? 8 : 4 };
	gva_t ip = backtrace_linear_ip(regs);
	gva_t frame = regs->gpr[GPR_RBP];
	gva_t pc;

	memset(ret, 0, sizeof(*ret));
	add(ret, ip);
	if (in_caller_frame(&s, ip, function, &pc) && is_code(&s, pc))
		add(ret, pc);
	for (unsigned int i = 0; i < WALKED_MAX; i++) {
		gva_t next;

		if (frame % s.word || !read_word(&s, frame, &next) ||
		    !read_word(&s, frame + s.word, &pc) || !is_code(&s, pc) ||
		    !add(ret, pc) || next <= frame)
			return;
		frame = next;
	}
	ret->cut = true;
}
