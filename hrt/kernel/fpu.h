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
 * struct fpu_layout - what the state of a thread consists of
 * @size: bytes of all that is switched on
 * @features: XCR0; 0: no XSAVE, the state is that of FXSAVE
 */
struct fpu_layout {
	size_t size;
	uint64_t features;
};

/**
 * fpu_layout() - what the state of threads consists of
 *
 * In a thread that has registers.
 *
 * Return: of every CPU.
 */
struct fpu_layout fpu_layout(void);

/**
 * fpu_save() - the registers of the thread that calls, as they are
 *
 * Return: its state, which stays so until the thread runs its program again.
 */
const void *fpu_save(void);

/**
 * fpu_begin() - change the registers of the thread that calls
 *
 * Return: its state to be written, by a thread that then does not wait; the
 * registers are undefined until fpu_end().
 */
void *fpu_begin(void);

/**
 * fpu_reset() - the initial values
 * @state: from fpu_begin(), written
 */
void fpu_reset(void *state);

/**
 * fpu_end() - use what was written
 * @state: from fpu_begin(), and such that the CPU accepts it
 */
void fpu_end(void *state);

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
