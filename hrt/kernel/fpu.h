/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floating point and vector registers. The kernel does not use them, so only
 * threads that ask for them pay, and a kernel without such threads never
 * executes an XSAVE (where kernel mode is emulated it may not exist).
 */
#ifndef MINNOW_FPU_H
#define MINNOW_FPU_H

#include <stddef.h>
#include <stdint.h>

struct cpu;
struct thread;

/**
 * fpu_give() - let a thread use these registers, from their initial values
 * @thread: not started yet, or the one that calls
 *
 * Its state, in the standard format of XSAVE, or that of FXSAVE on a CPU that
 * has no other, is at thread->fpu while the thread does not run.
 *
 * Return: 0 or -ENOMEM.
 */
int fpu_give(struct thread *thread);

/**
 * fpu_size() - how large the state is
 *
 * Return: bytes.
 */
size_t fpu_size(void);

/**
 * fpu_switch() - from one thread's registers to the other's
 * @cpu: this CPU
 * @from: runs until now
 * @to: runs next
 *
 * Interrupts off.
 */
void fpu_switch(struct cpu *cpu, struct thread *from, struct thread *to);

#endif
