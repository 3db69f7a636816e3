// SPDX-License-Identifier: Apache-2.0
// Tests of what a program needs of the kernel: hooks, its stack, its registers.
#include <dive/cpu.h>

#include "clock.h"
#include "cpu.h"
#include "fpu.h"
#include "ram.h"
#include "sched.h"
#include "test.h"
#include "wait.h"

#define CALL_ADD  1
#define CALL_EXIT 60

/*
 * A program as a compiler makes it, with a red zone. It spins on (R14) so that
 * it is interrupted, faults on (RSI), calls CALL_ADD and CALL_EXIT. Its status
 * is the number of the first thing that went wrong, 0 if none did.
 */
__asm__("	.text\n"
	"test_code:\n"
	"	movq	$0x1122334455667788, %r12\n"
	"	movq	%rsp, %r13\n"
	"	leaq	-128(%rsp), %rdi\n"
	"	movl	$16, %ecx\n"
	"	movq	%r12, %rax\n"
	"	rep stosq\n"
	"1:	pause\n"
	"	cmpl	$0, (%r14)\n"
	"	je	1b\n"
	"	movl	$1, %ebx\n"
	"	leaq	-128(%rsp), %rdi\n"
	"	movl	$16, %ecx\n"
	"	repe scasq\n"
	"	jne	2f\n"
	"	movl	$2, %ebx\n"
	"	movq	(%rsi), %rdx\n" /* the hook moves RSI to good memory */
	"	cmpq	%r12, -8(%rsp)\n"
	"	jne	2f\n"
	"	movl	$3, %ebx\n"
	"	movl	$"
	"1"
	", %eax\n" /* CALL_ADD */
	"	movl	$40, %edi\n"
	"	movl	$2, %esi\n"
	"	syscall\n"
	"	cmpq	$42, %rax\n"
	"	jne	2f\n"
	"	movl	$4, %ebx\n"
	"	cmpq	%r13, %rsp\n"
	"	jne	2f\n"
	"	cmpq	%r12, -8(%rsp)\n"
	"	jne	2f\n"
	"	xorl	%ebx, %ebx\n"
	"2:	movl	%ebx, %edi\n"
	"	movl	$60, %eax\n" /* CALL_EXIT */
	"	syscall\n"
	"	ud2\n");
extern const char test_code[];

/* What the program's hooks share with the test. */
struct program {
	uint32_t go;
	uint64_t stack[512];
	unsigned int faults;
	unsigned int resumes;
	int status;
};

static bool on_fault(struct frame *frame, uint64_t address)
{
	struct program *program = thread_current()->user;

	program->faults++;
	frame->rsi = (uintptr_t)program;
	return address == 8 && program->faults == 1;
}

static void on_syscall(struct frame *frame)
{
	struct program *program = thread_current()->user;

	if (frame->rax == CALL_ADD) {
		frame->rax = frame->rdi + frame->rsi;
		return;
	}
	program->status = (int)frame->rdi;
	thread_exit();
}

static void on_resume(struct frame *frame)
{
	struct program *program = thread_current()->user;

	(void)frame;
	program->resumes++;
}

static void run_program(void *arg)
{
	struct program *program = arg;
	struct frame frame = { .rip = (uintptr_t)test_code,
			       .r14 = (uintptr_t)&program->go,
			       .rsi = 8,
			       .rsp = (uintptr_t)&program->stack[500],
			       .cs = DIVE_SEL_CODE,
			       .ss = DIVE_SEL_DATA,
			       .rflags = RFLAGS_IF };

	thread_run_program(&frame);
}

/* Shares the program's CPU, so that the timer interrupts both. */
static void spin(void *arg)
{
	uint64_t end = clock_ns() + 50 * CLOCK_MS;

	(void)arg;
	while (clock_ns() < end)
		dive_pause();
}

/* Nothing else interrupts a thread that has a CPU for itself. */
static bool is_kicked(struct thread *thread, struct program *program)
{
	uint64_t end = clock_ns() + 10 * CLOCK_SEC;
	unsigned int before =
		__atomic_load_n(&program->resumes, __ATOMIC_ACQUIRE);

	wait_interrupt(thread);
	while (__atomic_load_n(&program->resumes, __ATOMIC_ACQUIRE) == before)
		if (clock_ns() > end)
			return false;
	return true;
}

static void test_hooks(void)
{
	static const struct thread_ops ops = { on_fault, on_syscall,
					       on_resume };
	int cpu = (int)cpu_count - 1;
	static struct program program;
	struct thread *thread, *other;

	memset(&program, 0, sizeof(program));
	program.status = -1;
	thread = thread_new("program", run_program, &program, cpu);
	if (!thread) {
		test_ok(false, "program: there is memory");
		return;
	}
	thread->ops = &ops;
	thread->user = &program;
	thread_start(thread);
	other = test_start(spin, NULL, cpu);
	thread_join(other);
	test_ok(is_kicked(thread, &program),
		"program: another thread can call it out of its code");
	__atomic_store_n(&program.go, 1, __ATOMIC_RELEASE);
	thread_join(thread);
	test_ok(program.status != 1, "program: interrupts spare its red zone");
	test_ok(program.faults == 1 && program.status != 2,
		"program: a fault goes to its hook, which changes registers");
	test_ok(program.status != 3, "program: so does a system call");
	test_ok(program.status == 0, "program: it ran to its end");
	test_ok(program.resumes == 1,
		"program: its signal hook is called once for a signal");
}

/* Puts a value of its own into a vector register and looks for it again. */
static void keep_register(void *arg)
{
	uint64_t value[2] = { (uintptr_t)arg, ~(uintptr_t)arg };
	uint64_t found[2] = { value[0], value[1] };

	if (fpu_give(thread_current()))
		return;
	__asm__ volatile("movdqu %0, %%xmm7" ::"m"(value));
	for (int i = 0; i < 50 && found[0] == value[0]; i++) {
		sched_yield();
		__asm__ volatile("movdqu %%xmm7, %0" : "=m"(found));
	}
	if (found[0] == value[0] && found[1] == value[1])
		*(uint64_t *)arg = 1;
}

static void test_fpu(void)
{
	enum {
		THREADS = 3
	};
	struct thread *threads[THREADS];
	static uint64_t good[THREADS];
	uint64_t count = 0;

	for (int i = 0; i < THREADS; i++) {
		good[i] = 0;
		threads[i] = test_start(keep_register, &good[i], 0);
	}
	for (int i = 0; i < THREADS; i++) {
		thread_join(threads[i]);
		count += good[i];
	}
	test_ok(count == THREADS, "fpu: each thread has registers of its own");
}

const struct test test_program[] = {
	{ "program", false, test_hooks },
	/* Where kernel mode is emulated there are no such instructions. */
	{ "fpu", true, test_fpu },
	{ 0 }
};
