/* SPDX-License-Identifier: ISC */
/* What each CPU gets at entry, and how a parked one is released (section 4). */
#ifndef DIVE_CPU_H
#define DIVE_CPU_H

#include "types.h"

/* Control registers on entry to the kernel, the same on every CPU. */
#define DIVE_ENTRY_CR0    0x80010033 /* PG WP NE ET MP PE */
#define DIVE_ENTRY_CR4    0x00000620 /* OSXMMEXCPT OSFXSR PAE */
#define DIVE_ENTRY_EFER   0x00000d00 /* NXE LMA LME */
#define DIVE_ENTRY_PAT_LO 0x00070406 /* WB WT UC- UC */
#define DIVE_ENTRY_PAT_HI 0x00070406
#define DIVE_ENTRY_SVR    0x1ff /* APIC enabled, spurious vector 0xff */

/* Selectors of the GDT that the stub loads. */
#define DIVE_SEL_CODE 0x08
#define DIVE_SEL_DATA 0x10
#define DIVE_SEL_TSS  0x18

/* A parked CPU halts with interrupts on until this vector arrives. */
#define DIVE_RELEASE_VECTOR 0xf0

#define DIVE_STACK_SIZE 16384 /* bytes; the page below is not mapped */

#define DIVE_MAILBOX_ENTRY 0
#define DIVE_MAILBOX_ARG   8

#ifndef __ASSEMBLER__

/**
 * struct dive_mailbox - where a parked CPU is told to go
 * @entry: kernel: address to jump to; 0 = stay parked. Written after @arg.
 * @arg: kernel: handed over in RSI (RDI is the FDT, as on the first CPU)
 */
struct dive_mailbox {
	uint64_t entry;
	uint64_t arg;
	uint64_t reserved[6];
};

DIVE_STATIC_ASSERT(sizeof(struct dive_mailbox) == 64, "mailbox");
DIVE_STATIC_ASSERT(offsetof(struct dive_mailbox, arg) == DIVE_MAILBOX_ARG,
		   "mailbox");

#endif /* __ASSEMBLER__ */

#endif
