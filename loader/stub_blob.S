/* SPDX-License-Identifier: Apache-2.0 */
/* The contract's stub as bytes, for loader/contract.c. */
	.section .rodata
	.globl	stub_blob, stub_blob_end
	.balign	16
stub_blob:
	.incbin	"contract/stub.bin"
stub_blob_end:
	.section .note.GNU-stack, "", @progbits
