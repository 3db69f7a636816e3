/* SPDX-License-Identifier: Apache-2.0 */
/* Page tables in guest memory: 4-level, 4 KiB and 2 MiB pages. */
#ifndef LOADER_PAGETABLE_H
#define LOADER_PAGETABLE_H

#include "base/gmem.h"
#include "base/x86.h"

/**
 * struct pagetable - tables under construction
 * @mem: guest memory
 * @root: PML4, for CR3
 * @next: first unused page of the space given to pagetable_init()
 * @end: end of that space
 */
struct pagetable {
	const struct gmem *mem;
	gpa_t root;
	gpa_t next;
	gpa_t end;
};

/**
 * pagetable_init() - start with nothing mapped
 * @pt: written
 * @mem: guest memory; the space must be zero
 * @space: page-aligned room for the tables
 * @size: bytes
 * @e: says that the room is too small
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check pagetable_init(struct pagetable *pt, const struct gmem *mem,
			      gpa_t space, uint64_t size, struct err *e);

/**
 * pagetable_map() - map a range; a later call wins over an earlier one
 * @pt: tables
 * @va: page-aligned virtual address, canonical lower or upper half
 * @pa: page-aligned physical address
 * @size: bytes, a multiple of 4096
 * @bits: PTE_P and others; 0 unmaps
 * @e: says that the room is used up
 *
 * 2 MiB pages are used where both addresses and the size allow.
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check pagetable_map(struct pagetable *pt, gva_t va, gpa_t pa,
			     uint64_t size, uint64_t bits, struct err *e);

#endif
