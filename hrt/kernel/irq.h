/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts, exceptions and system calls, behind entry.S. */
#ifndef MINNOW_IRQ_H
#define MINNOW_IRQ_H

#include <dive.h>

/**
 * struct frame - registers of the code that was interrupted
 * @r15: general register
 * @r14: general register
 * @r13: general register
 * @r12: general register
 * @r11: general register
 * @r10: general register
 * @r9: general register
 * @r8: general register
 * @rbp: general register
 * @rdi: general register
 * @rsi: general register
 * @rbx: general register
 * @rdx: general register
 * @rcx: general register
 * @rax: general register
 * @vector: why: an interrupt vector or VECTOR_SYSCALL
 * @error: error code of an exception, else 0
 * @rip: where it goes on
 * @cs: always DIVE_SEL_CODE
 * @rflags: flags
 * @rsp: stack
 * @ss: always DIVE_SEL_DATA
 *
 * entry.S pushes it in this order, from the end, on a stack that is aligned.
 */
struct frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rbx, rdx, rcx, rax;
	uint64_t vector;
	uint64_t error;
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
} __attribute__((aligned(16)));

/* Reason of a page fault in frame->error (Intel SDM 3A 4.7). */
#define FAULT_PRESENT 1
#define FAULT_WRITE   2
#define FAULT_EXEC    16

/**
 * irq_init() - make the table of interrupts; once, before irq_load()
 *
 * What this kernel does not want stays with the contract's stub.
 */
void irq_init(void);

/**
 * irq_load() - use the table on this CPU, whose GS is set
 */
void irq_load(void);

/**
 * irq_set() - choose what an interrupt does
 * @vector: VECTOR_EXCEPTIONS to VECTORS - 1
 * @handler: runs with interrupts off, after the end of interrupt was signalled
 */
void irq_set(unsigned int vector, void (*handler)(void));

/**
 * irq_leave() - from entry.S: a thread is about to enter or resume its program
 * @frame: with which registers; the hook that delivers signals may change it
 *
 * Returns with interrupts off.
 */
void irq_leave(struct frame *frame);

/**
 * irq_dispatch() - from entry.S: an interrupt, exception or system call
 * @frame: on the kernel stack of the thread; the thread goes on with it
 */
void irq_dispatch(struct frame *frame);

#endif
