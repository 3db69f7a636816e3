/* SPDX-License-Identifier: Apache-2.0 */
/* The registers that gdb sees: names, order, sizes. */
#ifndef VMM_GDB_REGS_H
#define VMM_GDB_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/vcpu.h"

#define GDB_XML_MAX 8192u

/* What gdb makes of the kernel's file: it knows no mixture. */
enum gdb_width {
	GDB_WIDE,   /* x86-64 */
	GDB_NARROW, /* i386: an ELF32 kernel */
};

/**
 * struct gdb_regs - all registers of a CPU, as they travel
 * @gpr: rax rbx rcx rdx rsi rdi rbp rsp r8 .. r15
 * @rip: instruction pointer
 * @eflags: flags
 * @seg: selectors of cs ss ds es fs gs
 * @st: x87
 * @fctrl: fctrl fstat ftag fiseg fioff foseg fooff fop
 * @xmm: SSE
 * @mxcsr: SSE control
 * @base: fs_base gs_base
 * @cr: cr0 cr2 cr3 cr4 cr8 efer
 *
 * Little endian, without gaps.
 */
struct gdb_regs {
	uint64_t gpr[16];
	uint64_t rip;
	uint32_t eflags;
	uint32_t seg[6];
	uint8_t st[8][10];
	uint32_t fctrl[8];
	uint8_t xmm[16][16];
	uint32_t mxcsr;
	uint64_t base[2];
	uint64_t cr[6];
} __attribute__((packed));

/**
 * gdb_regs_find() - where a register lies in struct gdb_regs
 * @width: of the target description
 * @number: its number in the target description
 * @offset: bytes from the start; written on success
 * @size: bytes; written on success
 *
 * Return: false when there is no such register.
 */
bool gdb_regs_find(enum gdb_width width, uint64_t number, size_t *offset,
		   size_t *size);

/**
 * gdb_regs_xml() - the target description (GDB manual, appendix G)
 * @width: of the kernel
 * @to: GDB_XML_MAX bytes; NUL-terminated
 */
void gdb_regs_xml(enum gdb_width width, char *to);

/**
 * gdb_regs_abridged() - the tag word as FXSAVE has it (Intel SDM 1 10.5.1.1)
 * @tags: as FSAVE has it, 2 bits for each register
 *
 * Return: one bit for each register, 1 = not empty.
 */
uint8_t gdb_regs_abridged(uint32_t tags);

/**
 * gdb_cpu_reported() - registers that the report knows better than KVM
 * @known: a complete report, or NULL
 * @cpu: held, or its thread has ended
 *
 * A panic records little of what the CPU still has.
 *
 * Return: those at the fault, or NULL.
 */
const struct cpu_regs *gdb_cpu_reported(const struct exit_report *known,
					const struct vcpu *cpu);

/**
 * gdb_cpu_get() - read all registers of a CPU
 * @cpu: held, or its thread has ended
 * @known: see gdb_cpu_reported()
 * @ret: written on success
 *
 * Return: 0 or -errno.
 */
int must_check gdb_cpu_get(const struct vcpu *cpu,
			   const struct exit_report *known,
			   struct gdb_regs *ret);

/**
 * gdb_cpu_paging() - read the registers that translate addresses
 * @cpu: see gdb_cpu_get()
 * @known: see gdb_cpu_reported()
 * @ret: written on success
 *
 * Return: 0 or -errno.
 */
int must_check gdb_cpu_paging(const struct vcpu *cpu,
			      const struct exit_report *known,
			      struct cpu_regs *ret);

#endif
