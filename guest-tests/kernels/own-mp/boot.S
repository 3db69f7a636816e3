/* SPDX-License-Identifier: ISC */
/* From multiboot1's 32 bits to 64, for the first CPU and for the others. */

	.section .multiboot, "a"
	.balign	4
	.long	0x1badb002, 0, -0x1badb002	/* asks for nothing, like xv6 */

	.text
	.code32
	.globl	start
start:	cli
	movl	$stack_end, %esp
	movl	%ebx, %esi		/* multiboot information */
	/* Page tables: the first 4 GiB, one to one, with the local APIC. */
	movl	$pdpt + 3, pml4
	movl	$pd + 3, %eax
	xorl	%ecx, %ecx
1:	movl	%eax, pdpt(, %ecx, 8)
	addl	$4096, %eax
	incl	%ecx
	cmpl	$4, %ecx
	jb	1b
	xorl	%ecx, %ecx
	movl	$0x83, %eax		/* present, writable, 2 MiB */
2:	movl	%eax, pd(, %ecx, 8)
	addl	$0x200000, %eax
	incl	%ecx
	cmpl	$2048, %ecx
	jb	2b
	movl	$first_cpu, %edi
	/* EDI: where to in 64 bits. The stack is the caller's. */
to_long_mode:
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx	/* EFER */
	movl	$0x100, %eax		/* LME */
	xorl	%edx, %edx
	wrmsr
	movl	$0x80010011, %eax	/* PG WP ET PE */
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$8, $1f
	.code64
1:	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%edi, %edi		/* the upper halves were undefined */
	movl	%esp, %esp
	jmp	*%rdi

first_cpu:
	movl	%esi, %edi
	call	kernel
	jmp	stop
other_cpu:
	call	kernel_other
stop:	cli
	hlt
	jmp	stop

/* Where a SIPI sends a CPU: copied to a page below 640 KiB. */
	.code16
	.globl	trampoline, trampoline_end
trampoline:
	cli
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	trampoline_gdt - trampoline
	movl	$0x11, %eax		/* ET PE */
	movl	%eax, %cr0
	ljmpl	$24, $1f
	.code32
1:	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	other_stack, %esp
	movl	$other_cpu, %edi
	jmp	to_long_mode
	.balign	8
trampoline_gdt:
	.word	gdt_end - gdt - 1
	.long	gdt
trampoline_end:

	.data
	.balign	8
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt

	.bss
	.balign	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	4 * 4096
stack:	.skip	16384
stack_end:

	.section .note.GNU-stack, "", @progbits
