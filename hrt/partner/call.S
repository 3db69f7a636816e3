// SPDX-License-Identifier: Apache-2.0
// A system call that another thread can keep from blocking.
#include <asm/unistd.h>

#include "contract/dive/delegate.h"

	.text
	.globl call_linux, call_linux_begins, call_linux_not, call_return
	.type call_linux, @function
call_linux:
	cmp %rcx, (%rdx)
	je call_linux_not
	mov %edi, %eax
	mov (%rsi), %rdi
	mov 16(%rsi), %rdx
	mov 24(%rsi), %r10
	mov 32(%rsi), %r8
	mov 40(%rsi), %r9
	mov 8(%rsi), %rsi
call_linux_begins:
	syscall
	ret
call_linux_not:
	mov $DIVE_CALL_NOT_BEGUN, %rax
	ret
	.size call_linux, . - call_linux

	.type call_return, @function
call_return:
	mov $__NR_rt_sigreturn, %eax
	syscall
	.size call_return, . - call_return

	.section .note.GNU-stack, "", @progbits
