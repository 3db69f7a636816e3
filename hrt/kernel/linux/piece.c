// SPDX-License-Identifier: Apache-2.0
// Pieces of the window: a chain of free ones, a hash table of the others.
#include "piece.h"

#include <asm/errno.h>

#include "../heap.h"

#define NONE UINT32_MAX

static struct piece *pieces;
static uint32_t *heads;
static uint32_t piece_count, free_count, first_free;
static uintptr_t window_start;

static uint32_t *head_of(uintptr_t va)
{
	return &heads[va / DIVE_PIECE % piece_count];
}

static uint32_t index_of(const struct piece *piece)
{
	return (uint32_t)(piece - pieces);
}

int piece_init(const struct dive_range *range, bool is_clean)
{
	uint64_t count = (range->size - DIVE_DELEGATE_MEMORY) / DIVE_PIECE;

	piece_count = count < NONE ? (uint32_t)count : NONE - 1;
	pieces = heap_alloc(piece_count * sizeof(*pieces));
	heads = heap_alloc(piece_count * sizeof(*heads));
	if (!pieces || !heads)
		return -ENOMEM;
	window_start = range->start;
	for (uint32_t i = 0; i < piece_count; i++) {
		heads[i] = NONE;
		pieces[i].is_dirty = !is_clean;
		pieces[i].next = i + 1 < piece_count ? i + 1 : NONE;
	}
	free_count = piece_count;
	return 0;
}

struct piece *piece_at(uintptr_t va)
{
	uint32_t i = *head_of(va);

	while (i != NONE && pieces[i].va != piece_slot(va))
		i = pieces[i].next;
	return i == NONE ? NULL : &pieces[i];
}

static void link_to(struct piece *piece, uintptr_t va)
{
	piece->va = piece_slot(va);
	piece->next = *head_of(va);
	*head_of(va) = index_of(piece);
	piece->is_shared = piece->is_small = false;
}

static void take_out(struct piece *piece)
{
	uint32_t *link = head_of(piece->va);

	while (*link != index_of(piece))
		link = &pieces[*link].next;
	*link = piece->next;
}

struct piece *piece_add(uintptr_t va)
{
	struct piece *piece = &pieces[first_free];

	if (first_free == NONE)
		return NULL;
	first_free = piece->next;
	free_count--;
	link_to(piece, va);
	return piece;
}

void piece_remove(struct piece *piece)
{
	take_out(piece);
	piece->va = 0;
	piece->next = first_free;
	first_free = index_of(piece);
	free_count++;
}

void piece_move(struct piece *piece, uintptr_t va)
{
	take_out(piece);
	link_to(piece, va);
}

void piece_remove_all(void)
{
	for (uint32_t i = 0; i < piece_count; i++)
		if (pieces[i].va)
			piece_remove(&pieces[i]);
}

struct piece *piece_next(uintptr_t start, uintptr_t end, uint64_t *cursor)
{
	uint64_t slots =
		(piece_slot(end - 1) - piece_slot(start)) / DIVE_PIECE + 1;
	struct piece *piece = NULL;

	if (slots <= piece_count) {
		while (!piece && *cursor < slots)
			piece = piece_at(start + (*cursor)++ * DIVE_PIECE);
		return piece;
	}
	while (*cursor < piece_count) {
		piece = &pieces[(*cursor)++];
		if (piece->va >= piece_slot(start) && piece->va < end)
			return piece;
	}
	return NULL;
}

uint64_t piece_missing(uintptr_t start, uintptr_t end)
{
	uint64_t slots =
		(piece_slot(end - 1) - piece_slot(start)) / DIVE_PIECE + 1;
	uint64_t cursor = 0;

	if (slots > piece_count)
		return (uint64_t)piece_count + 1;
	while (piece_next(start, end, &cursor))
		slots--;
	return slots;
}

uint64_t piece_free_count(void)
{
	return free_count;
}

uint64_t piece_offset(const struct piece *piece, uintptr_t va)
{
	return DIVE_DELEGATE_MEMORY + index_of(piece) * (uint64_t)DIVE_PIECE +
	       (va - piece->va);
}

void *piece_memory(const struct piece *piece, uintptr_t va)
{
	return (void *)(window_start + piece_offset(piece, va));
}
