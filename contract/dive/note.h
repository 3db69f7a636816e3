/* SPDX-License-Identifier: ISC */
/* The ELF note that makes an image a contract kernel (contract section 2). */
#ifndef DIVE_NOTE_H
#define DIVE_NOTE_H

#include "types.h"

#define DIVE_CONTRACT_VERSION 0

#define DIVE_NOTE_OWNER "Diver" /* n_namesz 6, with the NUL */
#define DIVE_NOTE_TYPE  1

/* Link address of every contract kernel, and its smallest alignment. */
#define DIVE_LINK_BASE  0x200000
#define DIVE_LOAD_ALIGN 0x200000

/* The image may be loaded at any multiple of align; it relocates itself. */
#define DIVE_NOTE_RELOCATABLE 0x1
/* virt_base is valid: map [virt_base, +span) to the load address, enter there. */
#define DIVE_NOTE_VIRT_BASE 0x2
#define DIVE_NOTE_FLAGS     0x3 /* all known flags; an unknown one is refused */

#ifndef __ASSEMBLER__

/**
 * struct dive_note - descriptor of the note
 * @version: IN: DIVE_CONTRACT_VERSION
 * @flags: IN: DIVE_NOTE_*
 * @align: IN: bytes, a power of two >= DIVE_LOAD_ALIGN
 * @virt_base: IN: virtual address the lowest PT_LOAD (rounded down to align)
 *	is linked at; 0 without DIVE_NOTE_VIRT_BASE
 */
struct dive_note {
	uint32_t version;
	uint32_t flags;
	uint64_t align;
	uint64_t virt_base;
};

DIVE_STATIC_ASSERT(sizeof(struct dive_note) == 24, "note layout");
DIVE_STATIC_ASSERT(offsetof(struct dive_note, align) == 8, "note layout");

#endif /* __ASSEMBLER__ */

#endif
