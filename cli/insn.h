/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough of x86 decoding to say what a faulting instruction was doing. */
#ifndef CLI_INSN_H
#define CLI_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/run.h"

#define INSN_MAX 15 /* bytes (Intel SDM 2A 2.3.11) */

/**
 * struct insn - one instruction, as far as it was understood
 * @valid: prefixes and opcode were all there; else nothing else counts
 * @opcode: 0xNN, 0x0fNN, 0x0f38NN or 0x0f3aNN; of the 0f map for VEX
 * @prefix: 0, 0x66, 0xf2 or 0xf3, the mandatory prefix of SSE
 * @vex: VEX or EVEX encoded: AVX
 * @has_modrm: @mod, @reg and @rm are valid; with the bits of REX
 * @mod: 3 = register operand
 * @reg: register or opcode extension
 * @rm: register when @mod is 3
 * @size: operand bytes: 1, 2, 4 or 8
 * @has_addr: @addr is the address of the memory operand
 * @addr: linear address, without segment base; not for RIP-relative
 */
struct insn {
	bool valid;
	uint32_t opcode;
	uint8_t prefix;
	bool vex;
	bool has_modrm;
	unsigned int mod;
	unsigned int reg;
	unsigned int rm;
	unsigned int size;
	bool has_addr;
	uint64_t addr;
};

/**
 * insn_decode() - look at 64-bit or 32-bit code
 * @regs: registers before the instruction; EFER and CS decide the mode
 * @code: bytes at the instruction pointer
 * @n: how many there are
 * @ret: written
 */
void insn_decode(const struct cpu_regs *regs, const uint8_t *code, size_t n,
		 struct insn *ret);

/**
 * insn_is_sse() - does it need CR4.OSFXSR?
 * @i: as decoded
 *
 * Return: true for SSE .. SSE4 instructions on XMM registers.
 */
bool insn_is_sse(const struct insn *i);

/**
 * insn_operand() - value of the register operand
 * @i: as decoded, with @i->mod 3
 * @regs: registers before the instruction
 *
 * Return: the register's low @i->size bytes.
 */
uint64_t insn_operand(const struct insn *i, const struct cpu_regs *regs);

#endif
