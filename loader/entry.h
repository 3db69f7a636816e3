/* SPDX-License-Identifier: Apache-2.0 */
/* The whole hand-over to a CPU, the same for KVM and for a trampoline. */
#ifndef LOADER_ENTRY_H
#define LOADER_ENTRY_H

#include <stdint.h>

enum entry_mode {
	ENTRY_PROT32, /* flat 32-bit protected mode, paging off */
	ENTRY_LONG64, /* long mode, paging on */
};

/**
 * struct entry_state - registers at the first instruction
 * @mode: decides the segment attributes: base 0, limit 4 GiB, ring 0
 * @rip: first instruction
 * @rsp: stack; never 0, some kernels push before they set it
 * @rax: and the other general registers, 0 where the protocol is silent
 * @rbx: see @rax
 * @rsi: see @rax
 * @rdi: see @rax
 * @cr0: control registers
 * @cr3: see @cr0
 * @cr4: see @cr0
 * @efer: IA32_EFER
 * @cs: code selector; the hidden part follows from @mode
 * @ds: selector of all data segments
 * @gdt: linear address of a GDT that holds @cs and @ds; 0 = none
 * @gdt_limit: bytes - 1
 *
 * RFLAGS is 2: interrupts off.
 */
struct entry_state {
	enum entry_mode mode;
	uint64_t rip;
	uint64_t rsp;
	uint64_t rax;
	uint64_t rbx;
	uint64_t rsi;
	uint64_t rdi;
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t efer;
	uint16_t cs;
	uint16_t ds;
	uint64_t gdt;
	uint16_t gdt_limit;
};

#endif
