/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floating point and vector registers. The kernel does not use them, so only
 * threads that ask for them pay, and a kernel without such threads never
 * executes an XSAVE (emulated CPUs may not have it).
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
 * Its state, in the standard format of XSAVE, is at thread->fpu while the
 * thread does not run; fpu_size() bytes, aligned as XSAVE wants them.
 *
 * Return: 0, -EOPNOTSUPP when the CPU has no XSAVE, -ENOMEM.
 */
int fpu_give(struct thread *thread);

/**
 * fpu_size() - how large the state is
 *
 * Return: bytes, 0 when the CPU has no XSAVE.
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
