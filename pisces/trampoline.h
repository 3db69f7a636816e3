/* SPDX-License-Identifier: Apache-2.0 */
/* The low page that a CPU starts in: code, and what it and the host say. */
#ifndef PISCES_TRAMPOLINE_H
#define PISCES_TRAMPOLINE_H

/*
 * Linux has kept all RAM below 1 MiB to itself since 5.13 and uses but a few
 * pages near its top, for what this is: the start of CPUs.
 */
#define TRAMPOLINE_BASE 0x10000
#define TRAMPOLINE_SIZE 0x10000 /* code, block and stack in a page, tables */

/* Byte offsets within the page; the code lies below. */
#define TRAMPOLINE_BLOCK  2048
#define TRAMPOLINE_STATE  (TRAMPOLINE_BLOCK + 0)
#define TRAMPOLINE_TICKS  (TRAMPOLINE_BLOCK + 4)
#define TRAMPOLINE_TABLES (TRAMPOLINE_BLOCK + 8)
#define TRAMPOLINE_CYCLES (TRAMPOLINE_BLOCK + 16)
#define TRAMPOLINE_RIP    (TRAMPOLINE_BLOCK + 24)
#define TRAMPOLINE_RDI    (TRAMPOLINE_BLOCK + 32)
#define TRAMPOLINE_RSI    (TRAMPOLINE_BLOCK + 40)
#define TRAMPOLINE_TSC    (TRAMPOLINE_BLOCK + 48)
#define TRAMPOLINE_STACK  4096

/* state */
#define TRAMPOLINE_NONE 0 /* host: nobody is there */
#define TRAMPOLINE_HERE 1 /* CPU: it is, and has measured */
#define TRAMPOLINE_GO \
	2 /* host: it may go on; it says in the CPU page when it has */

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

/**
 * struct trampoline - what stands at TRAMPOLINE_BLOCK
 * @state: TRAMPOLINE_NONE and following
 * @ticks: CPU: how far its timer has counted
 * @tables: page tables that map this page, the stub and the local APIC
 * @cycles: measure the timer for so long; 0 = do not
 * @rip: where to go
 * @rdi: with these registers
 * @rsi: see @rdi
 * @tsc: CPU: around the start of its timer, and around the reading of @ticks
 */
struct trampoline {
	uint32_t state;
	uint32_t ticks;
	uint64_t tables;
	uint64_t cycles;
	uint64_t rip;
	uint64_t rdi;
	uint64_t rsi;
	uint64_t tsc[4];
};

_Static_assert(offsetof(struct trampoline, tsc) ==
		       TRAMPOLINE_TSC - TRAMPOLINE_BLOCK,
	       "trampoline");

extern const uint8_t trampoline_blob[];
extern const uint8_t trampoline_blob_end[];

#endif /* __ASSEMBLER__ */

#endif
