/* SPDX-License-Identifier: Apache-2.0 */
/* The ways into the kernel, and from one thread to the other. */
#include <dive/cpu.h>

#include "layout.h"

	.text
	.code64

/*
 * One entry per vector, 16 bytes each. Vectors 8, 10-14, 17, 21, 29 and 30 push
 * an error code (Intel SDM 3A 6.13); the others get a 0.
 */
	.globl	entry_vectors
	.balign	16
entry_vectors:
	.set	n, 0
	.rept	VECTORS
	.balign	16, 0xcc
	.if	(n == 8) || (n >= 10 && n <= 14) || (n == 17) || (n == 21) || (n == 29) || (n == 30)
	.else
	pushq	$0
	.endif
	pushq	$n
	jmp	entry
	.set	n, n + 1
	.endr

/*
 * Every gate switches to the CPU's exception stack (IST1): a program has a red
 * zone below its RSP, and may have no stack at all. That stack serves one
 * interrupt at a time, so the frame moves to the kernel stack of the thread
 * before anything else can happen: below RSP if the kernel was interrupted, to
 * the top if a program was, or if the kernel's stack is exhausted.
 */
entry:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	cld
	movq	%gs:CPU_CURRENT, %rcx
	movq	THREAD_STACK(%rcx), %rcx
	movq	64(%rsp), %rdx			/* RSP that was interrupted */
	movq	%rdx, %rax
	subq	%rcx, %rax
	cmpq	$(STACK_GUARD + STACK_ROOM), %rax
	jb	1f
	cmpq	$STACK_SIZE, %rax
	jbe	2f
1:	leaq	STACK_SIZE(%rcx), %rdx
2:	andq	$-16, %rdx
	movq	%rsp, %rax
	movq	%rdx, %rsp
	pushq	72(%rax)			/* SS */
	pushq	64(%rax)			/* RSP */
	pushq	56(%rax)			/* RFLAGS */
	pushq	48(%rax)			/* CS */
	pushq	40(%rax)			/* RIP */
	pushq	32(%rax)			/* error */
	pushq	24(%rax)			/* vector */
	pushq	16(%rax)			/* RAX */
	pushq	8(%rax)				/* RCX */
	pushq	(%rax)				/* RDX */

/* The rest of struct frame; the stack is a multiple of 16 behind it. */
save:
	pushq	%rbx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	call	irq_dispatch

restore:
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rbx
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

/*
 * SYSCALL without a change of rings: RCX = RIP, R11 = RFLAGS, RSP is the
 * program's, interrupts are off (SFMASK).
 */
	.globl	entry_syscall
entry_syscall:
	movq	%rsp, %gs:CPU_SCRATCH
	movq	%gs:CPU_CURRENT, %rsp
	movq	THREAD_STACK(%rsp), %rsp
	addq	$STACK_SIZE, %rsp
	pushq	$DIVE_SEL_DATA
	pushq	%gs:CPU_SCRATCH
	pushq	%r11
	pushq	$DIVE_SEL_CODE
	pushq	%rcx
	pushq	$0
	pushq	$VECTOR_SYSCALL
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	jmp	save

/* void thread_run_program(struct frame *frame), which is on the kernel stack. */
	.globl	thread_run_program
thread_run_program:
	movq	%rdi, %rsp
	call	irq_leave
	jmp	restore

/*
 * void entry_switch(uintptr_t *save_sp, uintptr_t load_sp): what a function must
 * preserve stays on the stack that is left.
 */
	.globl	entry_switch
entry_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

/* void cpu_halt(void): STI takes effect behind the next instruction. */
	.globl	cpu_halt, entry_hlt
cpu_halt:
	sti
entry_hlt:
	hlt
	ret

	.section .note.GNU-stack, "", @progbits
