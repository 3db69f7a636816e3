/* SPDX-License-Identifier: ISC */
/*
 * The stub: first code on every CPU in every mode. It loads a GDT, an IDT that
 * catches everything and a TSS, enables the local APIC, and enters the kernel
 * or parks the CPU. Position independent; entered in long mode with RDI = the
 * CPU page (contract/stub/stub.h) and the contract's page tables live; or at
 * "bare", on a CPU that another operating system has used, with RSI = these
 * tables, while others that map the stub, too, are live.
 */
#include "stub.h"

#define MSR_APIC_BASE	0x1b
#define APIC_BASE_X2APIC 0x400
#define MSR_X2APIC_EOI	0x80b
#define MSR_X2APIC_SVR	0x80f
#define MSR_PAT		0x277
#define CPUID_XSAVE	(1 << 26)
#define CR4_OSXSAVE	(1 << 18)
#define XAPIC_EOI	0xfee000b0
#define XAPIC_SVR	0xfee000f0
#define VECTOR_SPURIOUS 0xff

	.code64
	.text
	.globl	stub
stub:
	jmp	start
	.balign	8, 0x90
	.long	STUB_HEADER_MAGIC
	.long	vectors - stub
	.long	idt - stub
	.long	stub_end - stub
	.long	bare - stub

start:
	cli
	cld
	movq	%rdi, %rbx
	movq	CPU_PAGE_START + CPU_START_STACK(%rbx), %rsp

	/* GDT, IDT: pseudo-descriptors are built on the stack. */
	subq	$16, %rsp
	leaq	CPU_PAGE_GDT(%rbx), %rax
	movw	$(5 * 8 - 1), 6(%rsp)
	movq	%rax, 8(%rsp)
	lgdt	6(%rsp)
	leaq	idt(%rip), %rax
	movw	$4095, 6(%rsp)
	movq	%rax, 8(%rsp)
	lidt	6(%rsp)
	addq	$16, %rsp
	leaq	1f(%rip), %rax
	pushq	$DIVE_SEL_CODE
	pushq	%rax
	lretq
1:	movl	$DIVE_SEL_DATA, %eax
	movl	%eax, %ss
	movl	%eax, %ds
	movl	%eax, %es
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$DIVE_SEL_TSS, %eax
	ltr	%ax

	/* Without the software enable bit a parked CPU hears no IPI. */
	movl	$MSR_APIC_BASE, %ecx
	rdmsr
	testl	$APIC_BASE_X2APIC, %eax
	movl	$DIVE_ENTRY_SVR, %eax
	jz	2f
	movl	$MSR_X2APIC_SVR, %ecx
	xorl	%edx, %edx
	wrmsr
	jmp	3f
2:	movl	$XAPIC_SVR, %ecx
	movl	%eax, (%rcx)

3:	xorl	%esi, %esi
	movq	CPU_PAGE_START + CPU_START_ENTRY(%rbx), %rax
	testq	%rax, %rax
	jnz	enter
park:
	cli
	movq	CPU_PAGE_MAILBOX + DIVE_MAILBOX_ENTRY(%rbx), %rax
	testq	%rax, %rax
	jnz	released
	sti			/* takes effect behind hlt: no lost wake-up */
	hlt			/* woken by the release: see there */
	jmp	park
released:
	movq	CPU_PAGE_MAILBOX + DIVE_MAILBOX_ARG(%rbx), %rsi
enter:
	movq	CPU_PAGE_START + CPU_START_FDT(%rbx), %rdi
	movq	CPU_PAGE_START + CPU_START_STACK(%rbx), %rsp
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%ebp, %ebp
	jmp	*%rax

/*
 * Every vector runs on the exception stack at the end of the CPU page:
 * vector, error, RIP, CS, RFLAGS, RSP, SS from low to high.
 */
crash:
	pushq	%rax
	movq	%rsp, %rax
	andq	$-CPU_PAGE_SIZE, %rax
	cmpl	$DIVE_CRASH_NONE, DIVE_CRASH_STATE(%rax)
	jne	stop			/* keep the first record */
	movq	%rcx, DIVE_CRASH_GPR + 8 * 1(%rax)
	popq	%rcx
	movq	%rcx, DIVE_CRASH_GPR + 8 * 0(%rax)
	movq	%rdx, DIVE_CRASH_GPR + 8 * 2(%rax)
	movq	%rbx, DIVE_CRASH_GPR + 8 * 3(%rax)
	movq	%rbp, DIVE_CRASH_GPR + 8 * 5(%rax)
	movq	%rsi, DIVE_CRASH_GPR + 8 * 6(%rax)
	movq	%rdi, DIVE_CRASH_GPR + 8 * 7(%rax)
	movq	%r8, DIVE_CRASH_GPR + 8 * 8(%rax)
	movq	%r9, DIVE_CRASH_GPR + 8 * 9(%rax)
	movq	%r10, DIVE_CRASH_GPR + 8 * 10(%rax)
	movq	%r11, DIVE_CRASH_GPR + 8 * 11(%rax)
	movq	%r12, DIVE_CRASH_GPR + 8 * 12(%rax)
	movq	%r13, DIVE_CRASH_GPR + 8 * 13(%rax)
	movq	%r14, DIVE_CRASH_GPR + 8 * 14(%rax)
	movq	%r15, DIVE_CRASH_GPR + 8 * 15(%rax)
	popq	DIVE_CRASH_VECTOR(%rax)
	popq	DIVE_CRASH_ERROR(%rax)
	popq	DIVE_CRASH_RIP(%rax)
	popq	DIVE_CRASH_CS(%rax)
	popq	DIVE_CRASH_RFLAGS(%rax)
	popq	DIVE_CRASH_GPR + 8 * DIVE_GPR_RSP(%rax)
	popq	DIVE_CRASH_SS(%rax)
	movq	%cr0, %rcx
	movq	%rcx, DIVE_CRASH_CR + 8 * 0(%rax)
	movq	%cr2, %rcx
	movq	%rcx, DIVE_CRASH_CR + 8 * 1(%rax)
	movq	%cr3, %rcx
	movq	%rcx, DIVE_CRASH_CR + 8 * 2(%rax)
	movq	%cr4, %rcx
	movq	%rcx, DIVE_CRASH_CR + 8 * 3(%rax)
	movl	$DIVE_CRASH_EXCEPTION, DIVE_CRASH_STATE(%rax)
	movl	CPU_PAGE_START + CPU_START_PORT(%rax), %edx
	testl	%edx, %edx
	jz	stop
	xorl	%eax, %eax
	outl	%eax, %dx
stop:
	cli
	hlt
	jmp	stop

/*
 * The release IPI, for a parked CPU only: acknowledge and look again, not
 * return: emulators exist that let an interrupt in between STI and HLT.
 */
release:
	movl	$MSR_APIC_BASE, %ecx
	rdmsr
	testl	$APIC_BASE_X2APIC, %eax
	movl	$0, %eax
	jz	1f
	movl	$MSR_X2APIC_EOI, %ecx
	xorl	%edx, %edx
	wrmsr
	jmp	2f
1:	movl	$XAPIC_EOI, %ecx
	movl	%eax, (%rcx)
2:	jmp	park

spurious:
	addq	$16, %rsp
	iretq

/* What INIT leaves as it was, and the contract does not (section 4.2). */
bare:
	movq	%rdi, %rbx
	movl	$MSR_PAT, %ecx
	movl	$DIVE_ENTRY_PAT_LO, %eax
	movl	$DIVE_ENTRY_PAT_HI, %edx
	wrmsr
	movq	%rsi, %cr3
	movl	$1, CPU_PAGE_START + CPU_START_CAME(%rbx)
	movl	$1, %eax
	cpuid			/* it takes RBX, too */
	movq	%rdi, %rbx
	testl	$CPUID_XSAVE, %ecx
	jz	1f
	movl	$DIVE_ENTRY_CR4 | CR4_OSXSAVE, %eax
	movq	%rax, %cr4
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	movl	$1, %eax
	xsetbv
1:	movl	$DIVE_ENTRY_CR4, %eax
	movq	%rax, %cr4
	fxrstor	fpu(%rip)
	leaq	foreign(%rip), %rsi
	xorl	%eax, %eax
	xorl	%edx, %edx
2:	movl	(%rsi), %ecx
	wrmsr
	addq	$4, %rsi
	cmpl	$0, (%rsi)
	jne	2b
	movq	%rbx, %rdi
	jmp	start

/* They hold addresses of the other system: SYSENTER, STAR to FMASK, bases. */
	.balign	4
foreign:
	.long	0x174, 0x175, 0x176
	.long	0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084
	.long	0xc0000100, 0xc0000101, 0xc0000102, 0

/* As FNINIT leaves it, and MXCSR as after reset (Intel SDM 1 10.5.1). */
	.balign	16
fpu:	.word	0x37f
	.skip	22
	.long	0x1f80
	.skip	484

/* Vectors 8, 10-14, 17, 21, 29 and 30 push an error code (SDM 3A 6.13). */
	.balign	STUB_VECTOR_SIZE
vectors:
	.set	n, 0
	.rept	256
	.balign	STUB_VECTOR_SIZE, 0xcc
	.if	(n == 8) || (n >= 10 && n <= 14) || (n == 17) || (n == 21) || (n == 29) || (n == 30)
	.else
	pushq	$0
	.endif
	pushq	$n
	.if	n == DIVE_RELEASE_VECTOR
	jmp	release
	.elseif	n == VECTOR_SPURIOUS
	jmp	spurious
	.else
	jmp	crash
	.endif
	.set	n, n + 1
	.endr

	.balign	4096
idt:
	.skip	4096
stub_end:
