/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter as bytes, for vmm/confine.c. */
	.section .rodata
	.globl	confine_filter, confine_filter_size
	.balign	8
confine_filter:
	.incbin	"confine.bpf"
confine_filter_size:
	.long	. - confine_filter
	.section .note.GNU-stack, "", @progbits
