/* SPDX-License-Identifier: ISC */
/*
 * The shortest kernel, for make bench: it ends at once, by the contract or by
 * PVH, so one file runs under dive, on both boards, and under QEMU. It finds the
 * control page by where Diver puts it, which only a bench kernel may know.
 */
#include "contract/dive/cpu.h"
#include "contract/dive/note.h"
#include "contract/stub/stub.h"

#define CONTROL_MAGIC	0x4c544344
#define CONTROL_STATE	64
#define STATE_STOPPED	2
#define DEBUG_EXIT	0xf4

	.text
	.code64
	.globl	start
start:
	subq	$16, %rsp
	sgdt	(%rsp)
	movq	2(%rsp), %rbx
	subq	$CPU_PAGE_GDT, %rbx	/* the CPU page; before it: control */
	cmpl	$CONTROL_MAGIC, -4096(%rbx)
	jne	1f
	movl	$STATE_STOPPED, CONTROL_STATE - 4096(%rbx)
	movl	CPU_PAGE_START + CPU_START_PORT(%rbx), %edx
	xorl	%eax, %eax
	outl	%eax, %dx
1:	ud2

	.code32
start_pvh:
	xorl	%eax, %eax
	outb	%al, $DEBUG_EXIT
	cli
	hlt

	.section .note.Diver, "a", @note
	.balign	4
	.long	6, 24, DIVE_NOTE_TYPE
	.asciz	DIVE_NOTE_OWNER
	.balign	4
	.long	DIVE_CONTRACT_VERSION, 0
	.quad	DIVE_LOAD_ALIGN, 0

	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, 18		/* PHYS32_ENTRY */
	.asciz	"Xen"
	.long	start_pvh

	.section .note.GNU-stack, "", @progbits
