// SPDX-License-Identifier: Apache-2.0
// The frame of a signal handler, to the byte.
#include "sigframe.h"

/* What programs see there under Linux: no program looks, some print it. */
#define USER_CS 0x33
#define USER_SS 0x2b

/* RFLAGS that a handler may change: OF, DF, TF, SF, ZF, AF, PF, CF; RF, AC. */
#define FLAGS_OF_PROGRAM 0x50dd5
#define FLAGS_ALWAYS     0x202 /* interrupts on */

#define CANONICAL_END 0x800000000000ull

#define FX_SIZE     512
#define FX_MXCSR    24
#define MXCSR_KNOWN 0xffff
/* Behind it: XSTATE_BV, XCOMP_BV, and zeros (Intel SDM 1, 13.4.2). */
#define XSAVE_HEADER      512
#define XSAVE_HEADER_SIZE 64
#define FEATURES_FX       3

/* On the stack: with the mark behind it. */
static size_t size_of(const struct fpu_layout *fpu)
{
	return fpu->features ? fpu->size + FP_XSTATE_MAGIC2_SIZE : FX_SIZE;
}

uint64_t sigframe_place(uint64_t sp, const struct fpu_layout *fpu,
			uint64_t *ret_state)
{
	*ret_state = (sp - size_of(fpu)) & ~63ull;
	/* As behind a call. */
	return ((*ret_state - sizeof(struct sigframe)) & ~15ull) - 8;
}

void sigframe_save(struct sigframe *to, const struct frame *regs,
		   const struct sigframe_trap *trap,
		   const struct fpu_layout *fpu, uint64_t state)
{
	to->uc.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (fpu->features)
		to->uc.uc_flags |= UC_FP_XSTATE;
	to->uc.uc_mcontext = (struct sigcontext){
		.r8 = regs->r8,
		.r9 = regs->r9,
		.r10 = regs->r10,
		.r11 = regs->r11,
		.r12 = regs->r12,
		.r13 = regs->r13,
		.r14 = regs->r14,
		.r15 = regs->r15,
		.rdi = regs->rdi,
		.rsi = regs->rsi,
		.rbp = regs->rbp,
		.rbx = regs->rbx,
		.rdx = regs->rdx,
		.rax = regs->rax,
		.rcx = regs->rcx,
		.rsp = regs->rsp,
		.rip = regs->rip,
		.eflags = regs->rflags,
		.cs = USER_CS,
		.ss = USER_SS,
		.err = trap->error,
		.trapno = trap->number,
		.oldmask = to->uc.uc_sigmask,
		.cr2 = trap->address,
		.fpstate = (struct _fpstate *)state,
	};
}

void sigframe_load(struct frame *regs, const struct ucontext *from)
{
	const struct sigcontext *mc = &from->uc_mcontext;

	regs->r8 = mc->r8;
	regs->r9 = mc->r9;
	regs->r10 = mc->r10;
	regs->r11 = mc->r11;
	regs->r12 = mc->r12;
	regs->r13 = mc->r13;
	regs->r14 = mc->r14;
	regs->r15 = mc->r15;
	regs->rdi = mc->rdi;
	regs->rsi = mc->rsi;
	regs->rbp = mc->rbp;
	regs->rbx = mc->rbx;
	regs->rdx = mc->rdx;
	regs->rax = mc->rax;
	regs->rcx = mc->rcx;
	regs->rsp = mc->rsp;
	/* IRETQ itself would fault: let the program do so. */
	regs->rip = mc->rip < CANONICAL_END ? mc->rip : 0;
	regs->rflags = (mc->eflags & FLAGS_OF_PROGRAM) | FLAGS_ALWAYS;
}

void sigframe_mark(void *fx, const struct fpu_layout *fpu)
{
	struct _fpx_sw_bytes *mark = &((struct _fpstate_64 *)fx)->sw_reserved;

	memset(mark, 0, sizeof(*mark));
	if (!fpu->features)
		return;
	mark->magic1 = FP_XSTATE_MAGIC1;
	mark->extended_size = (uint32_t)size_of(fpu);
	mark->xfeatures = fpu->features;
	mark->xstate_size = (uint32_t)fpu->size;
}

uint64_t sigframe_check(const void *fx, uint32_t mark,
			const struct fpu_layout *fpu)
{
	const struct _fpx_sw_bytes *sw =
		&((const struct _fpstate_64 *)fx)->sw_reserved;

	if (!fpu->features || sw->magic1 != FP_XSTATE_MAGIC1 ||
	    sw->xstate_size != fpu->size || mark != FP_XSTATE_MAGIC2)
		return 0;
	return sw->xfeatures & fpu->features;
}

void sigframe_clean(void *state, uint64_t features,
		    const struct fpu_layout *fpu)
{
	uint8_t *bytes = state;
	uint64_t *header = (uint64_t *)(bytes + XSAVE_HEADER);

	*(uint32_t *)(bytes + FX_MXCSR) &= MXCSR_KNOWN;
	if (!fpu->features)
		return;
	if (!features) {
		header[0] = FEATURES_FX;
		features = FEATURES_FX;
	}
	header[0] &= features;
	memset(header + 1, 0, XSAVE_HEADER_SIZE - sizeof(header[0]));
}
