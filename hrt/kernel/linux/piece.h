/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces: the window in parts of 2 MiB, each behind one aligned part of the
 * program's addresses. The lock of space.c covers all of it.
 */
#ifndef MINNOW_LINUX_PIECE_H
#define MINNOW_LINUX_PIECE_H

#include <dive.h>
#include <dive/delegate.h>

/**
 * struct piece - one piece
 * @va: that it is behind; 0: it is free
 * @next: index of the next one in a chain, of free ones or with the same hash
 * @is_dirty: it may have other bytes than 0
 * @is_shared: the partner has it at @va
 * @is_small: it has pages of 4 KiB
 */
struct piece {
	uintptr_t va;
	uint32_t next;
	bool is_dirty;
	bool is_shared;
	bool is_small;
};

/**
 * piece_slot() - the aligned part that an address is in
 * @va: any address
 *
 * Return: its first byte; it is DIVE_PIECE bytes long.
 */
static inline uintptr_t piece_slot(uintptr_t va)
{
	return va & ~(uintptr_t)(DIVE_PIECE - 1);
}

/**
 * piece_init() - take the window; once
 * @window: from the contract; not smaller than one piece
 * @is_clean: it is still as the host made it: zero
 *
 * Return: 0 or -ENOMEM.
 */
int piece_init(const struct dive_range *window, bool is_clean);

/**
 * piece_at() - the piece behind an address
 * @va: any address
 *
 * Return: the piece, or NULL.
 */
struct piece *piece_at(uintptr_t va);

/**
 * piece_add() - put a free piece behind an address
 * @va: any address, with none behind it
 *
 * Return: the piece, its contents as is_dirty says; NULL when none is free.
 */
struct piece *piece_add(uintptr_t va);

/**
 * piece_remove() - free a piece
 * @piece: not mapped any more
 */
void piece_remove(struct piece *piece);

/**
 * piece_move() - put a piece behind other addresses
 * @piece: not mapped at the old ones any more
 * @va: any address, with none behind it
 */
void piece_move(struct piece *piece, uintptr_t va);

/**
 * piece_remove_all() - free all
 */
void piece_remove_all(void);

/**
 * piece_next() - the used pieces behind a range, in no order
 * @start: first byte
 * @end: behind the last byte
 * @cursor: 0 at first
 *
 * It takes time for the smaller of the range and the window. The piece may be
 * removed before the next call.
 *
 * Return: the next piece that has bytes of the range, or NULL.
 */
struct piece *piece_next(uintptr_t start, uintptr_t end, uint64_t *cursor);

/**
 * piece_missing() - how many pieces would a range still take
 * @start: first byte
 * @end: behind the last byte
 *
 * Return: how many, at most one more than there are in all.
 */
uint64_t piece_missing(uintptr_t start, uintptr_t end);

/**
 * piece_free_count() - how many are free
 *
 * Return: how many.
 */
uint64_t piece_free_count(void);

/**
 * piece_offset() - where an address is in the window
 * @piece: behind the address
 * @va: address
 *
 * Return: bytes from the window's start.
 */
uint64_t piece_offset(const struct piece *piece, uintptr_t va);

/**
 * piece_memory() - the kernel's own way to what is behind an address
 * @piece: behind the address
 * @va: address
 *
 * Return: pointer, which is the physical address, too.
 */
void *piece_memory(const struct piece *piece, uintptr_t va);

#endif
