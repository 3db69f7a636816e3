/* SPDX-License-Identifier: ISC */
/* The crash page: what one CPU was doing when it failed (contract section 7). */
#ifndef DIVE_CRASH_H
#define DIVE_CRASH_H

#include "types.h"

#define DIVE_CRASH_MAGIC 0x48535243 /* "CRSH" little endian */

/* crash.state, written by the kernel's side (stub or dive_panic()) */
#define DIVE_CRASH_NONE      0
#define DIVE_CRASH_EXCEPTION 1 /* vector, error and registers are valid */
#define DIVE_CRASH_PANIC     2 /* text is valid too; vector is not */

/* Byte offsets for the stub. */
#define DIVE_CRASH_STATE  12
#define DIVE_CRASH_VECTOR 16
#define DIVE_CRASH_ERROR  24
#define DIVE_CRASH_RIP    32
#define DIVE_CRASH_RFLAGS 40
#define DIVE_CRASH_CS     48
#define DIVE_CRASH_SS     56
#define DIVE_CRASH_GPR    64
#define DIVE_CRASH_CR     192
#define DIVE_CRASH_TEXT   256

#define DIVE_CRASH_TEXT_MAX 256 /* bytes, with the NUL */

/* Order of crash.gpr: the encoding of x86-64 register numbers. */
#define DIVE_GPR_RAX 0
#define DIVE_GPR_RCX 1
#define DIVE_GPR_RDX 2
#define DIVE_GPR_RBX 3
#define DIVE_GPR_RSP 4
#define DIVE_GPR_RBP 5
#define DIVE_GPR_RSI 6
#define DIVE_GPR_RDI 7
#define DIVE_GPR_R8  8
#define DIVE_GPRS    16

#ifndef __ASSEMBLER__

/**
 * struct dive_crash - record of the first failure of one CPU
 * @magic: host: DIVE_CRASH_MAGIC
 * @version: host: DIVE_CONTRACT_VERSION
 * @size: host: bytes valid in this structure
 * @state: kernel: DIVE_CRASH_*, written last
 * @vector: kernel: exception vector
 * @error: kernel: error code, 0 where the vector has none
 * @rip: kernel: as pushed by the CPU
 * @rflags: kernel: as pushed by the CPU
 * @cs: kernel: as pushed by the CPU
 * @ss: kernel: as pushed by the CPU
 * @gpr: kernel: registers at the fault, in encoding order (RSP as pushed)
 * @cr0: kernel: CR0
 * @cr2: kernel: CR2
 * @cr3: kernel: CR3
 * @cr4: kernel: CR4
 * @text: kernel: NUL-terminated words of dive_panic()
 */
struct dive_crash {
	uint32_t magic;
	uint32_t version;
	uint32_t size;
	uint32_t state;
	uint64_t vector;
	uint64_t error;
	uint64_t rip;
	uint64_t rflags;
	uint64_t cs;
	uint64_t ss;
	uint64_t gpr[DIVE_GPRS];
	uint64_t cr0;
	uint64_t cr2;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t reserved[4];
	char text[DIVE_CRASH_TEXT_MAX];
};

DIVE_STATIC_ASSERT(offsetof(struct dive_crash, state) == DIVE_CRASH_STATE,
		   "crash page");
DIVE_STATIC_ASSERT(offsetof(struct dive_crash, vector) == DIVE_CRASH_VECTOR,
		   "crash page");
DIVE_STATIC_ASSERT(offsetof(struct dive_crash, error) == DIVE_CRASH_ERROR,
		   "crash page");
DIVE_STATIC_ASSERT(offsetof(struct dive_crash, rip) == DIVE_CRASH_RIP,
		   "crash page");
DIVE_STATIC_ASSERT(offsetof(struct dive_crash, ss) == DIVE_CRASH_SS,
		   "crash page");
DIVE_STATIC_ASSERT(offsetof(struct dive_crash, gpr) == DIVE_CRASH_GPR,
		   "crash page");
DIVE_STATIC_ASSERT(offsetof(struct dive_crash, cr0) == DIVE_CRASH_CR,
		   "crash page");
DIVE_STATIC_ASSERT(offsetof(struct dive_crash, text) == DIVE_CRASH_TEXT,
		   "crash page");
DIVE_STATIC_ASSERT(sizeof(struct dive_crash) == 512, "crash page");

#endif /* __ASSEMBLER__ */

#endif
