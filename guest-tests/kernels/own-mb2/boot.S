/* SPDX-License-Identifier: ISC */
/* From multiboot2's 32 bits to main() in the upper half. */
#define BASE 0xffffffff80000000
#define PHYS(symbol) ((symbol) - BASE)

	.section .multiboot, "a"
	.balign	8
header:	.long	0xe85250d6, 0, header_end - header
	.long	-(0xe85250d6 + (header_end - header))
	.short	3, 0			/* entry address */
	.long	12, PHYS(start)
	.balign	8
	.short	0, 0
	.long	8
header_end:

	.text
	.code32
	.globl	start
start:	cli
	movl	%ebx, %edi		/* multiboot2 information */
	movl	$PHYS(stack_end), %esp
	movl	$PHYS(pdpt) + 3, PHYS(pml4)
	movl	$PHYS(pdpt) + 3, PHYS(pml4) + 511 * 8
	movl	$PHYS(pd) + 3, PHYS(pdpt)
	movl	$PHYS(pd) + 3, PHYS(pdpt) + 510 * 8
	xorl	%ecx, %ecx
	movl	$0x83, %eax
1:	movl	%eax, PHYS(pd)(, %ecx, 8)
	addl	$0x200000, %eax
	incl	%ecx
	cmpl	$512, %ecx
	jb	1b
	movl	$PHYS(pml4), %eax
	movl	%eax, %cr3
	movl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx	/* EFER */
	movl	$0x100, %eax		/* LME */
	xorl	%edx, %edx
	wrmsr
	movl	$0x80010011, %eax	/* PG WP ET PE */
	movl	%eax, %cr0
	lgdt	PHYS(gdt_pointer)
	ljmp	$8, $PHYS(1f)
	.code64
1:	movabsq	$1f, %rax
	jmp	*%rax
1:	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movq	$stack_end, %rsp
	call	start_multiboot2
2:	cli
	hlt
	jmp	2b

	.data
	.balign	8
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	PHYS(gdt)

	.bss
	.balign	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	4096
stack:	.skip	16384
stack_end:

	.section .note.GNU-stack, "", @progbits
