/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fault at one of these two instructions is an answer: irq.c goes on at
 * guard_failed.
 */
	.text
	.code64

/* bool guard_read(const uint32_t *from, uint32_t *to) */
	.globl	guard_read, guard_read_access
guard_read:
guard_read_access:
	movl	(%rdi), %eax
	movl	%eax, (%rsi)
	movl	$1, %eax
	ret

/* bool guard_exchange(uint32_t *word, uint32_t *expected, uint32_t new) */
	.globl	guard_exchange, guard_exchange_access
guard_exchange:
	movl	(%rsi), %eax
guard_exchange_access:
	lock cmpxchgl %edx, (%rdi)
	movl	%eax, (%rsi)
	movl	$1, %eax
	ret

	.globl	guard_failed
guard_failed:
	xorl	%eax, %eax
	ret

	.section .note.GNU-stack, "", @progbits
