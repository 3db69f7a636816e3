/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a CPU runs first after INIT and SIPI: from real mode at a page below
 * 1 MiB to long mode, then it says that it is there, measures its timer if it
 * is asked to, waits to be sent on, and goes to the stub (contract/stub) in the
 * partition. Nothing of it is ever changed while a CPU may be here.
 */
#include "contract/dive/cpu.h"
#include "pisces/trampoline.h"

/* It is copied there, and runs nowhere else. */
#define AT(label) (label - trampoline_blob + TRAMPOLINE_BASE)
#define IN_SEGMENT(label) (label - trampoline_blob)

#define SEL_CODE32 0x18

#define MSR_APIC_BASE	 0x1b
#define APIC_BASE_X2APIC 0x400
#define MSR_EFER	 0xc0000080
#define EFER_LME_NXE	 0x900
#define CR0_PE		 0x11
#define CR4_PAE		 0x20

#define LAPIC	     0xfee00000
#define APIC_SVR     0x0f0
#define APIC_TIMER   0x320
#define APIC_INITIAL 0x380
#define APIC_COUNT   0x390
#define APIC_DIVIDE  0x3e0
#define TIMER_MASKED 0x10000
#define DIVIDE_BY_1  0xb
#define PAUSES	     100

	.section .rodata.trampoline, "a"
	.globl	trampoline_blob, trampoline_blob_end
	.balign	16
trampoline_blob:
	.code16
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	movl	$TRAMPOLINE_BASE, %ebx
	lgdtl	IN_SEGMENT(gdt_pointer)
	movl	$CR0_PE, %eax		/* caches on, too */
	movl	%eax, %cr0
	ljmpl	*IN_SEGMENT(to32)

	.code32
in32:	movw	$DIVE_SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$DIVE_ENTRY_CR4, %eax
	movl	%eax, %cr4
	movl	TRAMPOLINE_TABLES(%ebx), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_LME_NXE, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$DIVE_ENTRY_CR0, %eax
	movl	%eax, %cr0
	ljmpl	*IN_SEGMENT(to64)(%ebx)

	.code64
in64:	leaq	TRAMPOLINE_STACK(%rbx), %rsp
	movl	$MSR_APIC_BASE, %ecx
	rdmsr
	movl	%eax, %r10d
	andl	$APIC_BASE_X2APIC, %r10d
	cmpq	$0, TRAMPOLINE_CYCLES(%rbx)
	je	here
	movl	$APIC_SVR, %edi
	movl	$DIVE_ENTRY_SVR, %eax
	call	apic_write
	movl	$APIC_TIMER, %edi
	movl	$TIMER_MASKED, %eax
	call	apic_write
	movl	$APIC_DIVIDE, %edi
	movl	$DIVIDE_BY_1, %eax
	call	apic_write

	/* The count is taken between two looks at the TSC, each time. */
	leaq	TRAMPOLINE_TSC(%rbx), %rsi
	call	stamp
	movq	%r8, %r9
	movl	$APIC_INITIAL, %edi
	movl	$-1, %eax
	call	apic_write
	call	stamp
1:	movl	$PAUSES, %ecx		/* who reads it all the time slows others */
5:	pause
	loop	5b
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	subq	%r9, %rax
	cmpq	TRAMPOLINE_CYCLES(%rbx), %rax
	jb	1b
	call	stamp
	movl	$APIC_COUNT, %edi
	call	apic_read
	notl	%eax
	movl	%eax, TRAMPOLINE_TICKS(%rbx)
	call	stamp
	movl	$APIC_INITIAL, %edi
	xorl	%eax, %eax
	call	apic_write

here:	movl	$TRAMPOLINE_HERE, TRAMPOLINE_STATE(%rbx)
2:	pause
	cmpl	$TRAMPOLINE_GO, TRAMPOLINE_STATE(%rbx)
	jne	2b
	movq	TRAMPOLINE_RIP(%rbx), %rax
	movq	TRAMPOLINE_RDI(%rbx), %rdi
	movq	TRAMPOLINE_RSI(%rbx), %rsi
	jmp	*%rax

/* The TSC to R8 and to where RSI points, which moves on. */
stamp:	lfence
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, %r8
	movq	%rax, (%rsi)
	addq	$8, %rsi
	ret

/* Register EDI of the local APIC from or to EAX, in its mode. */
apic_write:
	movl	%edi, %ecx
	testl	%r10d, %r10d
	jnz	3f
	addl	$LAPIC, %ecx
	movl	%eax, (%rcx)
	ret
3:	shrl	$4, %ecx
	addl	$0x800, %ecx
	xorl	%edx, %edx
	wrmsr
	ret
apic_read:
	movl	%edi, %ecx
	testl	%r10d, %r10d
	jnz	4f
	addl	$LAPIC, %ecx
	movl	(%rcx), %eax
	ret
4:	shrl	$4, %ecx
	addl	$0x800, %ecx
	rdmsr
	ret

	.balign	8
gdt:	.quad	0
	.quad	0x00af9b000000ffff	/* DIVE_SEL_CODE */
	.quad	0x00cf93000000ffff	/* DIVE_SEL_DATA */
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
gdt_pointer:
	.word	4 * 8 - 1
	.long	AT(gdt)
	.balign	4
to32:	.long	AT(in32)
	.word	SEL_CODE32
	.balign	4
to64:	.long	AT(in64)
	.word	DIVE_SEL_CODE
trampoline_blob_end:
	.section .note.GNU-stack, "", @progbits
