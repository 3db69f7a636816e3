/* SPDX-License-Identifier: Apache-2.0 */
/* Who called whom, by frame pointers, on a stack nobody vouches for. */
#ifndef BASE_BACKTRACE_H
#define BASE_BACKTRACE_H

#include "base/gmem.h"
#include "base/run.h"

#define BACKTRACE_MAX 32

/**
 * struct backtrace - code addresses, innermost first
 * @frames: entries of @pc; at least 1
 * @pc: pc[0] is where the CPU was, the others are return addresses
 * @repeats: frames[i] stands for so many equal ones in a row
 * @cut: there was more than BACKTRACE_MAX
 */
struct backtrace {
	unsigned int frames;
	gva_t pc[BACKTRACE_MAX];
	unsigned int repeats[BACKTRACE_MAX];
	bool cut;
};

/**
 * backtrace_take() - follow the saved frame pointers
 * @m: guest memory
 * @regs: of the stopped CPU
 * @function: where the function begins that the CPU is in, 0 = not known
 * @ret: written
 *
 * Works for 64-bit and 32-bit code that keeps frame pointers, also when the
 * CPU stopped in a function's first two instructions or jumped to nowhere.
 * Ends at the first frame pointer that is not above the one before, or where
 * the return address is not executable memory.
 */
void backtrace_take(const struct gmem *m, const struct cpu_regs *regs,
		    gva_t function, struct backtrace *ret);

/**
 * backtrace_linear_ip() - linear address of the instruction pointer
 * @regs: of the stopped CPU
 *
 * Return: RIP, plus the base of CS outside long mode.
 */
gva_t backtrace_linear_ip(const struct cpu_regs *regs);

#endif
