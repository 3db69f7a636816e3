/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a signal handler finds on its stack: the layout of Linux on x86-64
 * (arch/x86/include/uapi/asm/{sigcontext,ucontext}.h). Memory and numbers only,
 * no kernel.
 */
#ifndef MINNOW_LINUX_SIGFRAME_H
#define MINNOW_LINUX_SIGFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/signal.h>

/* These need it. */
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

#include "../fpu.h"
#include "../irq.h"

#define SIGFRAME_RED_ZONE 128

/**
 * struct sigframe - at RSP when a handler begins
 * @restorer: where it returns to: code that calls rt_sigreturn()
 * @uc: registers, signal mask and stack of what was interrupted
 * @info: why
 *
 * The state of the vector registers lies above.
 */
struct sigframe {
	uint64_t restorer;
	struct ucontext uc;
	siginfo_t info;
};

_Static_assert(sizeof(struct sigcontext) == 256, "layout of Linux");
_Static_assert(offsetof(struct sigframe, info) == 312, "layout of Linux");
_Static_assert(sizeof(struct sigframe) == 440, "layout of Linux");

/**
 * struct sigframe_trap - of the exception that raised the signal, or all 0
 * @number: vector
 * @error: error code as a program in user mode would cause
 * @address: CR2
 */
struct sigframe_trap {
	uint64_t number;
	uint64_t error;
	uint64_t address;
};

/**
 * sigframe_place() - where on a stack do the parts lie
 * @sp: first byte above them
 * @fpu: of the CPU
 * @ret_state: written: address of the vector registers
 *
 * Return: address of struct sigframe, the handler's RSP.
 */
uint64_t sigframe_place(uint64_t sp, const struct fpu_layout *fpu,
			uint64_t *ret_state);

/**
 * sigframe_save() - registers into a frame
 * @to: its uc_flags and uc_mcontext are written
 * @regs: registers of the program
 * @trap: why
 * @fpu: of the CPU
 * @state: address of the vector registers
 */
void sigframe_save(struct sigframe *to, const struct frame *regs,
		   const struct sigframe_trap *trap,
		   const struct fpu_layout *fpu, uint64_t state);

/**
 * sigframe_load() - registers out of a frame that a program may have changed
 * @regs: written, such that the program cannot change what is the kernel's
 * @from: the frame
 */
void sigframe_load(struct frame *regs, const struct ucontext *from);

/**
 * sigframe_mark() - say in the state of vector registers what it consists of
 * @fx: its first 512 bytes, written
 * @fpu: of the CPU
 */
void sigframe_mark(void *fx, const struct fpu_layout *fpu);

/**
 * sigframe_check() - is all of a state there, as sigframe_mark() said
 * @fx: its first 512 bytes
 * @mark: the four bytes behind @fpu->size
 * @fpu: of the CPU
 *
 * Return: which features it has; 0: use the first 512 bytes only.
 */
uint64_t sigframe_check(const void *fx, uint32_t mark,
			const struct fpu_layout *fpu);

/**
 * sigframe_clean() - make a state such that the CPU accepts it
 * @state: fpu->size bytes, changed
 * @features: that it has: from sigframe_check()
 * @fpu: of the CPU
 */
void sigframe_clean(void *state, uint64_t features,
		    const struct fpu_layout *fpu);

#endif
