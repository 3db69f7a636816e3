// SPDX-License-Identifier: Apache-2.0
// Unit tests of a handler's frame, against one that this machine's Linux made.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Guest code is in no host library. NOLINTBEGIN(bugprone-suspicious-include) */
#include "hrt/kernel/linux/sigframe.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <asm/unistd.h>

#define STATE_MAX 16384

/* <unistd.h> and <signal.h> define what <linux/signal.h> does, too. */
long syscall(long number, ...);

void restorer(void);
__asm__(".text\n"
	"restorer:\n"
	"	movl	$15, %eax\n" /* rt_sigreturn */
	"	syscall\n");

static struct sigframe made;
static uint64_t made_at, state_at;
static uint8_t state[STATE_MAX];

static void on_signal(int signal, siginfo_t *info, void *context)
{
	const struct _fpx_sw_bytes *sw;

	(void)signal;
	(void)info;
	made_at = (uint64_t)context - offsetof(struct sigframe, uc);
	memcpy(&made, (const void *)made_at, sizeof(made));
	state_at = (uint64_t)made.uc.uc_mcontext.fpstate;
	sw = &((const struct _fpstate_64 *)state_at)->sw_reserved;
	memcpy(state, (const void *)state_at,
	       sw->magic1 == FP_XSTATE_MAGIC1 && sw->extended_size <= STATE_MAX
		       ? sw->extended_size
		       : FX_SIZE);
}

/* With registers that are known; returns RSP of the program. */
static uint64_t be_interrupted(void)
{
	int64_t pid = syscall(__NR_getpid);
	register uint64_t number __asm__("rax") = __NR_kill;
	register uint64_t r8 __asm__("r8") = 0x88;
	register uint64_t r9 __asm__("r9") = 0x99;
	register uint64_t r10 __asm__("r10") = 0x1010;
	register uint64_t r12 __asm__("r12") = 0x1212;
	register uint64_t r13 __asm__("r13") = 0x1313;
	register uint64_t r14 __asm__("r14") = 0x1414;
	register uint64_t r15 __asm__("r15") = 0x1515;
	uint64_t sp;

	__asm__ volatile("movq	%%rsp, %%rbx\n"
			 "	syscall\n"
			 "	movq	%%rbx, %1\n"
			 : "+r"(number), "=r"(sp)
			 : "D"(pid), "S"(SIGUSR1), "d"(0xdd), "r"(r8), "r"(r9),
			   "r"(r10), "r"(r12), "r"(r13), "r"(r14), "r"(r15)
			 : "rbx", "rcx", "r11", "memory");
	return sp;
}

static struct fpu_layout layout_of_linux(void)
{
	const struct _fpx_sw_bytes *sw =
		&((const struct _fpstate_64 *)state)->sw_reserved;

	if (sw->magic1 != FP_XSTATE_MAGIC1)
		return (struct fpu_layout){ FX_SIZE, 0 };
	return (struct fpu_layout){ sw->xstate_size, sw->xfeatures };
}

static uint64_t capture(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTORER,
				    .sa_restorer = restorer };
	struct sigaction *nothing = NULL;
	uint64_t sp;

	action.sa_handler = (__sighandler_t)(uintptr_t)on_signal;
	assert_int_equal(
		syscall(__NR_rt_sigaction, SIGUSR1, &action, nothing, 8), 0);
	sp = be_interrupted();
	assert_int_not_equal(made_at, 0);
	return sp;
}

static void test_place(void **unused)
{
	uint64_t sp = capture(), at;
	struct fpu_layout fpu = layout_of_linux();

	(void)unused;
	assert_int_equal(made.restorer, (uint64_t)restorer);
	assert_int_equal(sigframe_place(sp - SIGFRAME_RED_ZONE, &fpu, &at),
			 made_at);
	assert_int_equal(at, state_at);
}

static void test_registers(void **unused)
{
	static const struct sigframe_trap trap;
	struct fpu_layout fpu;
	struct sigframe mine;
	struct frame regs;
	uint64_t sp = capture();

	(void)unused;
	fpu = layout_of_linux();
	memset(&regs, 0, sizeof(regs));
	sigframe_load(&regs, &made.uc);
	assert_int_equal(regs.r8, 0x88);
	assert_int_equal(regs.r9, 0x99);
	assert_int_equal(regs.r10, 0x1010);
	assert_int_equal(regs.r12, 0x1212);
	assert_int_equal(regs.r13, 0x1313);
	assert_int_equal(regs.r14, 0x1414);
	assert_int_equal(regs.r15, 0x1515);
	assert_int_equal(regs.rsi, SIGUSR1);
	assert_int_equal(regs.rdx, 0xdd);
	assert_int_equal(regs.rax, 0);
	assert_int_equal(regs.rbx, sp);
	assert_int_equal(regs.rsp, sp);
	assert_int_equal(regs.rcx, regs.rip);

	/* And back. */
	memset(&mine, 0, sizeof(mine));
	mine.uc.uc_sigmask = made.uc.uc_sigmask;
	sigframe_save(&mine, &regs, &trap, &fpu, state_at);
	assert_int_equal(mine.uc.uc_flags, made.uc.uc_flags);
	assert_memory_equal(&mine.uc.uc_mcontext, &made.uc.uc_mcontext,
			    offsetof(struct sigcontext, err));
	assert_ptr_equal(mine.uc.uc_mcontext.fpstate,
			 made.uc.uc_mcontext.fpstate);
	assert_int_equal(made.info.si_signo, SIGUSR1);
}

static void test_state(void **unused)
{
	struct fpu_layout fpu;
	uint8_t fx[FX_SIZE];
	uint32_t mark = 0;

	(void)unused;
	capture();
	fpu = layout_of_linux();
	memcpy(fx, state, sizeof(fx));
	sigframe_mark(fx, &fpu);
	assert_memory_equal(fx, state, sizeof(fx));
	if (!fpu.features)
		return;
	memcpy(&mark, state + fpu.size, sizeof(mark));
	assert_int_equal(sigframe_check(state, mark, &fpu), fpu.features);
	assert_int_equal(sigframe_check(state, mark + 1, &fpu), 0);
	fpu.size--;
	assert_int_equal(sigframe_check(state, mark, &fpu), 0);
}

static void test_hostile_registers(void **unused)
{
	struct ucontext uc;
	struct frame regs;

	(void)unused;
	memset(&regs, 0, sizeof(regs));
	regs.cs = 8;
	regs.ss = 16;
	memset(&uc, 0xff, sizeof(uc));
	sigframe_load(&regs, &uc);
	/* Not: IOPL, NT, VM, VIF, VIP, ID. */
	assert_int_equal(regs.rflags, 0x50fd7);
	assert_int_equal(regs.rip, 0);
	assert_int_equal(regs.cs, 8);
	assert_int_equal(regs.ss, 16);
	memset(&uc, 0, sizeof(uc));
	sigframe_load(&regs, &uc);
	assert_int_equal(regs.rflags, 0x202);
}

static void test_hostile_state(void **unused)
{
	struct fpu_layout fpu = { 832, 7 };
	uint8_t bytes[832];
	uint64_t header[8];
	uint32_t mxcsr;

	(void)unused;
	memset(bytes, 0xff, sizeof(bytes));
	sigframe_clean(bytes, 6, &fpu);
	memcpy(header, bytes + XSAVE_HEADER, sizeof(header));
	memcpy(&mxcsr, bytes + FX_MXCSR, sizeof(mxcsr));
	assert_int_equal(header[0], 6);
	for (int i = 1; i < 8; i++)
		assert_int_equal(header[i], 0);
	assert_int_equal(mxcsr, 0xffff);
	/* A handler of old: 512 bytes only. */
	memset(bytes, 0xff, sizeof(bytes));
	sigframe_clean(bytes, 0, &fpu);
	memcpy(header, bytes + XSAVE_HEADER, sizeof(header));
	assert_int_equal(header[0], 3);
	/* Without XSAVE nothing behind them is touched. */
	fpu = (struct fpu_layout){ FX_SIZE, 0 };
	memset(bytes, 0xff, sizeof(bytes));
	sigframe_clean(bytes, 0, &fpu);
	assert_int_equal(bytes[FX_SIZE], 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_hostile_registers),
		cmocka_unit_test(test_hostile_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
