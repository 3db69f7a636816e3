/* SPDX-License-Identifier: ISC */
/* The CPU page: what the loader hands the stub, one page per CPU. */
#ifndef CONTRACT_STUB_H
#define CONTRACT_STUB_H

#include "../dive/cpu.h"
#include "../dive/crash.h"

/*
 * Byte offsets within a CPU page. The crash record comes first, the exception
 * stack (IST1 of every vector) grows down from the end of the page, so a
 * handler finds its page by masking RSP.
 */
#define CPU_PAGE_SIZE    4096
#define CPU_PAGE_CRASH   0
#define CPU_PAGE_MAILBOX 512
#define CPU_PAGE_START   576
#define CPU_PAGE_GDT     640
#define CPU_PAGE_TSS     704

/* Within the start block. */
#define CPU_START_ENTRY 0 /* first CPU: the kernel; 0 = park */
#define CPU_START_FDT   8
#define CPU_START_STACK 16 /* top */
#define CPU_START_PORT  24 /* host doorbell; 0 = none */
#define CPU_START_CAME  28 /* written by a CPU that came bare */

/* The flat stub binary: code at 0, the 256 vectors and the IDT behind it. */
#define STUB_VECTOR_SIZE  16
#define STUB_HEADER_MAGIC 0x42555453 /* "STUB", at offset 8 */

#ifndef __ASSEMBLER__

/**
 * struct cpu_start - what a CPU does after the stub
 * @entry: kernel entry of the first CPU; 0 parks the CPU at its mailbox
 * @fdt: address of the flattened device tree, for RDI
 * @stack_top: initial RSP
 * @doorbell_port: I/O port that rings the host; 0 = none (the host polls)
 * @came: written by the stub, entered bare: 1 = on the contract's tables
 */
struct cpu_start {
	uint64_t entry;
	uint64_t fdt;
	uint64_t stack_top;
	uint32_t doorbell_port;
	uint32_t came;
	uint64_t reserved1[4];
};

/**
 * struct cpu_page - the first bytes of a CPU page
 * @crash: contract section 7
 * @mailbox: contract section 4
 * @start: for the stub only
 * @gdt: null, code, data, TSS (two entries)
 * @tss: 64-bit TSS (Intel SDM 3A 8.7)
 */
struct cpu_page {
	struct dive_crash crash;
	struct dive_mailbox mailbox;
	struct cpu_start start;
	uint64_t gdt[8];
	uint8_t tss[104];
};

/**
 * struct stub_header - first bytes of the flat stub binary
 * @jump: a jump over this header: entry of every CPU
 * @magic: STUB_HEADER_MAGIC
 * @vectors: offset of 256 entries of STUB_VECTOR_SIZE bytes
 * @idt: offset of 4096 zero bytes that the loader fills
 * @size: bytes in all
 * @bare: offset of the entry of a CPU that has run something else; RDI as
 *	always, RSI = the contract's page tables, no stack needed
 */
struct stub_header {
	uint8_t jump[8];
	uint32_t magic;
	uint32_t vectors;
	uint32_t idt;
	uint32_t size;
	uint32_t bare;
};

DIVE_STATIC_ASSERT(offsetof(struct cpu_page, mailbox) == CPU_PAGE_MAILBOX,
		   "CPU page");
DIVE_STATIC_ASSERT(offsetof(struct cpu_page, start) == CPU_PAGE_START,
		   "CPU page");
DIVE_STATIC_ASSERT(offsetof(struct cpu_page, gdt) == CPU_PAGE_GDT, "CPU page");
DIVE_STATIC_ASSERT(offsetof(struct cpu_page, tss) == CPU_PAGE_TSS, "CPU page");

#endif /* __ASSEMBLER__ */

#endif
