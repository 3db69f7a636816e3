// SPDX-License-Identifier: Apache-2.0
// Into a handler and back: the frame on the program's stack.
#include <asm/errno.h>

#include "../fpu.h"
#include "signal_state.h"

#define FX_SIZE 512

/* DF, TF, RF: a function begins without them. */
#define FLAGS_CLEARED 0x10500

static bool is_within(const struct task_signal *s, uint64_t sp)
{
	return sp - s->stack - 1 < s->stack_size;
}

/* With SS_AUTODISARM it is not in use: the next handler may have it again. */
static bool is_on_stack(const struct task_signal *s, uint64_t sp)
{
	return !(s->stack_flags & SS_AUTODISARM) && is_within(s, sp);
}

static bool write_fpu(uint64_t state, const struct fpu_layout *fpu)
{
	static const uint32_t mark = FP_XSTATE_MAGIC2;
	uint8_t fx[FX_SIZE];

	memcpy(fx, fpu_save(), sizeof(fx));
	sigframe_mark(fx, fpu);
	if (!space_write(state, fx, sizeof(fx)))
		return false;
	return !fpu->features ||
	       (space_write(state + FX_SIZE,
			    (const uint8_t *)fpu_save() + FX_SIZE,
			    fpu->size - FX_SIZE) &&
		space_write(state + fpu->size, &mark, sizeof(mark)));
}

static void reset_fpu(void)
{
	void *state = fpu_begin();

	fpu_reset(state);
	fpu_end(state);
}

bool signal_enter(struct frame *frame, const struct sigaction *action,
		  const siginfo_t *info, const struct sigframe_trap *trap)
{
	struct task_signal *s = &task_current()->signal;
	uint64_t sp = frame->rsp - SIGFRAME_RED_ZONE, state;
	struct fpu_layout fpu = fpu_layout();
	struct sigframe to;
	bool is_alternate = is_on_stack(s, frame->rsp);

	if (action->sa_flags & SA_ONSTACK && s->stack_size && !is_alternate) {
		sp = s->stack + s->stack_size;
		is_alternate = true;
	}
	sp = sigframe_place(sp, &fpu, &state);
	if (!(action->sa_flags & SA_RESTORER) ||
	    (is_alternate && !is_within(s, sp)))
		return false;
	memset(&to, 0, sizeof(to));
	to.restorer = (uint64_t)action->sa_restorer;
	to.info = *info;
	to.uc.uc_stack.ss_sp = (void *)s->stack;
	to.uc.uc_stack.ss_flags = (int)s->stack_flags;
	to.uc.uc_stack.ss_size = s->stack_size;
	to.uc.uc_sigmask = s->has_saved ? s->saved : s->blocked;
	sigframe_save(&to, frame, trap, &fpu, state);
	if (!write_fpu(state, &fpu) || !space_write(sp, &to, sizeof(to)))
		return false;

	reset_fpu();
	if (s->stack_flags & SS_AUTODISARM) {
		s->stack = s->stack_size = 0;
		s->stack_flags = SS_DISABLE;
	}
	s->has_saved = false;
	signal_block(s->blocked | action->sa_mask |
		     (action->sa_flags & SA_NODEFER
			      ? 0
			      : SIGNAL_BIT(info->si_signo)));
	frame->rdi = (uint64_t)info->si_signo;
	frame->rsi = sp + offsetof(struct sigframe, info);
	frame->rdx = sp + offsetof(struct sigframe, uc);
	frame->rax = 0;
	frame->rip = (uint64_t)action->sa_handler;
	frame->rsp = sp;
	frame->rflags &= ~(uint64_t)FLAGS_CLEARED;
	return true;
}

/* Nothing there means the initial values, as in Linux. */
static bool read_fpu(uint64_t from)
{
	struct fpu_layout fpu = fpu_layout();
	uint8_t *state = fpu_begin();
	uint64_t features = 0;
	uint32_t mark = 0;
	bool is_good;

	is_good = from && space_read(state, from, FX_SIZE);
	if (is_good && fpu.features &&
	    space_read(&mark, from + fpu.size, sizeof(mark)))
		features = sigframe_check(state, mark, &fpu);
	if (features)
		is_good = space_read(state, from, fpu.size);
	if (is_good)
		sigframe_clean(state, features, &fpu);
	else
		fpu_reset(state);
	fpu_end(state);
	return is_good || !from;
}

static int set_stack(struct task_signal *s, const stack_t *stack)
{
	uint32_t mode = (uint32_t)stack->ss_flags & ~SS_AUTODISARM;

	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		s->stack = s->stack_size = 0;
	} else if (stack->ss_size < MINSIGSTKSZ) {
		return -ENOMEM;
	} else {
		s->stack = (uint64_t)stack->ss_sp;
		s->stack_size = stack->ss_size;
	}
	s->stack_flags = (uint32_t)stack->ss_flags;
	return 0;
}

int64_t sys_rt_sigreturn(const uint64_t arg[6], struct frame *frame)
{
	static const struct sigframe_trap no_trap;
	static const siginfo_t bad = { .si_signo = SIGSEGV,
				       .si_code = SI_KERNEL };
	struct task_signal *s = &task_current()->signal;
	/* The restorer is gone from the stack. */
	uint64_t at = frame->rsp - sizeof(uint64_t);
	struct ucontext uc;

	(void)arg;
	s->has_returned = true;
	if (!space_read(&uc, at + offsetof(struct sigframe, uc), sizeof(uc)) ||
	    !read_fpu((uint64_t)uc.uc_mcontext.fpstate)) {
		signal_force(frame, &bad, &no_trap);
		return 0;
	}
	sigframe_load(frame, &uc);
	signal_block(uc.uc_sigmask);
	if (!is_on_stack(s, frame->rsp) && set_stack(s, &uc.uc_stack))
		s->stack_size = 0;
	return 0;
}

int64_t sys_sigaltstack(const uint64_t arg[6], struct frame *frame)
{
	struct task_signal *s = &task_current()->signal;
	bool is_used = is_on_stack(s, frame->rsp);
	stack_t new,
		old = { .ss_sp = (void *)s->stack, .ss_size = s->stack_size };
	int ret;

	old.ss_flags = (int)(s->stack_flags & SS_AUTODISARM) |
		       (!s->stack_size ? SS_DISABLE
			: is_used      ? SS_ONSTACK
				       : 0);
	if (arg[0]) {
		if (!space_read(&new, arg[0], sizeof(new)))
			return -EFAULT;
		if (is_used)
			return -EPERM;
		ret = set_stack(s, &new);
		if (ret)
			return ret;
	}
	if (arg[1] && !space_write(arg[1], &old, sizeof(old)))
		return -EFAULT;
	return 0;
}
