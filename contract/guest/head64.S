/* SPDX-License-Identifier: ISC */
/* First instructions of a kernel: contract entry, and multiboot or PVH entry. */
#include "../dive/cpu.h"
#include "../dive/note.h"

/* .head is the first section of the image, so its link address is known. */
#define LINKED(label) (DIVE_LINK_BASE + ((label) - head_start))
/* Distance of any symbol: the form that a position independent link takes. */
#define FROM_HEAD(symbol) ((symbol) - head_start)

#define PVH_MAGIC 0x336ec578 /* ours alone: PVH does not set EAX */

	.section .head, "ax", @progbits
	.globl	dive_entry, dive_entry32
head_start:

/* Contract section 4: long mode, RDI = device tree, RSP = a stack. */
	.code64
dive_entry:
	xorl	%esi, %esi
	xorl	%edx, %edx
start64:
	cld
	xorl	%ebp, %ebp
	/* Every word that holds an address, so no C before this is done. */
	leaq	head_start(%rip), %rax
	subq	$DIVE_LINK_BASE, %rax
	leaq	dive_rela_start(%rip), %rcx
	leaq	dive_rela_end(%rip), %r8
1:	cmpq	%r8, %rcx
	jae	3f
	cmpl	$8, 8(%rcx)		/* R_X86_64_RELATIVE */
	jne	4f
	movq	(%rcx), %r9
	movq	16(%rcx), %r10
	addq	%rax, %r10
	movq	%r10, (%r9, %rax)
	addq	$24, %rcx
	jmp	1b
3:	call	dive_start
4:	ud2

/*
 * Multiboot and PVH: 32 bits, flat, paging off, at the link address. EAX says
 * which multiboot it is, EBX is the address of what the loader has to say.
 */
	.code32
entry_pvh:
	movl	$PVH_MAGIC, %eax
dive_entry32:
	cli
	cld
	movl	%eax, %esi
	movl	$DIVE_LINK_BASE, %ebp

	/* 4 GiB, identical, in pages of 2 MiB */
	leal	FROM_HEAD(pml4)(%ebp), %edi
	leal	4096 + 3(%edi), %eax
	movl	%eax, (%edi)
	leal	4096(%edi), %edi
	leal	4096 + 3(%edi), %eax
	movl	$4, %ecx
1:	movl	%eax, (%edi)
	addl	$4096, %eax
	addl	$8, %edi
	loop	1b
	leal	FROM_HEAD(pml4 + 8192)(%ebp), %edi
	movl	$0x83, %eax
	movl	$2048, %ecx
2:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	2b

	movl	$DIVE_ENTRY_CR4, %eax
	movl	%eax, %cr4
	leal	FROM_HEAD(pml4)(%ebp), %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER; LMA is read only */
	movl	$DIVE_ENTRY_EFER & ~0x400, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$DIVE_ENTRY_CR0, %eax
	movl	%eax, %cr0
	lgdt	LINKED(gdt_pointer)
	ljmp	$DIVE_SEL_CODE, $LINKED(in_long_mode)

	.code64
in_long_mode:
	movl	$DIVE_SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	leaq	boot_stack_end(%rip), %rsp
	xorl	%edi, %edi
	movl	%ebx, %edx
	jmp	start64

	.balign	8
gdt:	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	LINKED(gdt)

/* The multiboot headers are in dive.lds: they need the end of the image. */
	.section .note.Diver, "a", @note
	.long	6, 24, DIVE_NOTE_TYPE
	.asciz	DIVE_NOTE_OWNER
	.balign	4
	.long	DIVE_CONTRACT_VERSION, DIVE_NOTE_RELOCATABLE
	.quad	DIVE_LOAD_ALIGN, 0

	.section .note.Xen, "a", @note
	.long	4, 4, 18		/* PHYS32_ENTRY */
	.asciz	"Xen"
	.long	LINKED(entry_pvh)

	.section .bss.head, "aw", @nobits
	.balign	4096
pml4:	.skip	6 * 4096
boot_stack:
	.skip	DIVE_STACK_SIZE
boot_stack_end:

	.section .note.GNU-stack, "", @progbits
