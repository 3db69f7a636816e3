/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of the program's addresses: made, removed, changed, moved. */
#ifndef MINNOW_LINUX_RANGE_H
#define MINNOW_LINUX_RANGE_H

#include <dive.h>
#include <dive/delegate.h>

#include "../page.h"
#include "../wait.h"
#include "piece.h"
#include "vma.h"

/* Where the parts of a program are, as far as they may be chosen. */
#define SPACE_PIE      0x100000000000ull
#define SPACE_INTERP   0x3fff00000000ull
#define SPACE_STACK    (DIVE_PROGRAM_END - DIVE_PIECE)
#define SPACE_MAPS     0x3ffe00000000ull /* mmap: below */
#define SPACE_LOW_MAPS 0x80000000ull     /* mmap with MAP_32BIT: below */

/**
 * struct space_request - a range that somebody wants
 * @va: where, a multiple of PAGE_SIZE; or where it would be welcome, or 0
 * @size: bytes, a multiple of PAGE_SIZE, not 0
 * @rights: PAGE_*
 * @flags: VMA_*
 * @is_fixed: only at @va
 * @may_replace: what is there goes
 * @is_low: below SPACE_LOW_MAPS
 * @is_reserve: it need not all fit into memory at the same time
 */
struct space_request {
	uintptr_t va;
	size_t size;
	uint32_t rights;
	uint32_t flags;
	bool is_fixed;
	bool may_replace;
	bool is_low;
	bool is_reserve;
};

/**
 * space_map() - give the program a range of zeroes
 * @request: what it wants
 *
 * Return: the address, -EINVAL, -ENOMEM, -EEXIST.
 */
int64_t space_map(const struct space_request *request);

/**
 * space_unmap() - take a range away; holes are passed over
 * @va: a multiple of PAGE_SIZE
 * @size: the same, not 0
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int space_unmap(uintptr_t va, size_t size);

/**
 * space_protect() - change the rights of a range
 * @va: a multiple of PAGE_SIZE
 * @size: the same, not 0
 * @rights: PAGE_*
 *
 * Return: 0, -ENOMEM for a hole, and nothing is changed; -EACCES.
 */
int space_protect(uintptr_t va, size_t size, uint32_t rights);

/**
 * space_zero() - let a range be as it was first, and give its memory back
 * @va: a multiple of PAGE_SIZE
 * @size: the same, not 0
 *
 * Return: 0, -ENOMEM for a hole, -EINVAL for the copy of a file.
 */
int space_zero(uintptr_t va, size_t size);

/**
 * space_move() - mremap(): another size, or another place
 * @from: what is there now
 * @old_size: its size, not 0, a multiple of PAGE_SIZE as all of these
 * @new_size: the size it shall have, larger than @old_size
 * @to: where it shall be, when that is fixed, else 0
 * @may_move: it need not stay where it is
 *
 * Return: its address, -EFAULT, -EINVAL, -ENOMEM.
 */
int64_t space_move(uintptr_t from, size_t old_size, size_t new_size,
		   uintptr_t to, bool may_move);

/* What follows is of space.c and range.c only, with the lock held. */

extern struct mutex space_lock;
extern struct vma_list space_list;

/**
 * space_back() - have memory behind an address
 * @va: any address of the program
 *
 * Return: the piece, with all ranges that it covers mapped; NULL when there is
 * no memory.
 */
struct piece *space_back(uintptr_t va);

/**
 * space_fill() - map zeroes
 * @piece: behind the range
 * @start: first byte
 * @end: behind the last byte
 * @rights: PAGE_*
 *
 * Return: false when there is no memory for page tables.
 */
bool space_fill(struct piece *piece, uintptr_t start, uintptr_t end,
		uint32_t rights);

#endif
