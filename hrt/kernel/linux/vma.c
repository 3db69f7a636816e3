// SPDX-License-Identifier: Apache-2.0
// An array of ranges: programs have hundreds, and look more than they change.
#include "vma.h"

#include <dive.h>

#include "../heap.h"

#define FIRST_MAX 32
/* vma_clear() splits one range, vma_add() adds one. */
#define ADDED_MAX 2

size_t vma_find(const struct vma_list *list, uintptr_t va)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (list->vma[middle].end > va)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct vma *vma_at(const struct vma_list *list, uintptr_t va)
{
	size_t i = vma_find(list, va);

	return i < list->count && list->vma[i].start <= va ? &list->vma[i]
							   : NULL;
}

bool vma_is_free(const struct vma_list *list, uintptr_t start, uintptr_t end)
{
	size_t i = vma_find(list, start);

	return i == list->count || list->vma[i].start >= end;
}

bool vma_allows(const struct vma_list *list, uintptr_t start, uintptr_t end,
		uint32_t rights)
{
	for (size_t i = vma_find(list, start); i < list->count; i++) {
		const struct vma *v = &list->vma[i];

		if (v->start > start || v->flags & VMA_KERNEL ||
		    (v->rights & rights) != rights)
			return false;
		if (v->end >= end)
			return true;
		start = v->end;
	}
	return false;
}

bool vma_reserve(struct vma_list *list)
{
	size_t max = list->max ? 2 * list->max : FIRST_MAX;
	struct vma *more;

	if (list->count + ADDED_MAX <= list->max)
		return true;
	more = heap_alloc(max * sizeof(*more));
	if (!more)
		return false;
	if (list->count)
		memcpy(more, list->vma, list->count * sizeof(*more));
	heap_free(list->vma);
	list->vma = more;
	list->max = max;
	return true;
}

/* Puts room for @added in place of @removed entries. */
static void splice(struct vma_list *list, size_t at, size_t removed,
		   size_t added)
{
	memmove(&list->vma[at + added], &list->vma[at + removed],
		(list->count - at - removed) * sizeof(*list->vma));
	list->count = list->count - removed + added;
}

void vma_clear(struct vma_list *list, uintptr_t start, uintptr_t end)
{
	size_t first = vma_find(list, start), behind = first;
	struct vma left = { 0 }, right = { 0 };
	size_t kept;

	while (behind < list->count && list->vma[behind].start < end)
		behind++;
	if (first == behind)
		return;
	if (list->vma[first].start < start) {
		left = list->vma[first];
		left.end = start;
	}
	if (list->vma[behind - 1].end > end) {
		right = list->vma[behind - 1];
		right.start = end;
	}
	kept = (left.end ? 1ul : 0ul) + (right.end ? 1ul : 0ul);
	splice(list, first, behind - first, kept);
	if (left.end)
		list->vma[first] = left;
	if (right.end)
		list->vma[first + kept - 1] = right;
}

static bool is_like(const struct vma *a, const struct vma *b)
{
	return a->end == b->start && a->rights == b->rights &&
	       a->flags == b->flags;
}

void vma_add(struct vma_list *list, struct vma vma)
{
	size_t at = vma_find(list, vma.start), removed = 0;

	if (at < list->count && is_like(&vma, &list->vma[at])) {
		vma.end = list->vma[at].end;
		removed++;
	}
	if (at && is_like(&list->vma[at - 1], &vma)) {
		vma.start = list->vma[at - 1].start;
		at--;
		removed++;
	}
	splice(list, at, removed, 1);
	list->vma[at] = vma;
}

uintptr_t vma_gap(const struct vma_list *list, size_t size, size_t align,
		  uintptr_t low, uintptr_t high)
{
	size_t i = vma_find(list, high - 1);

	/* The gap below range i, or below high; then the next one down. */
	if (i < list->count && list->vma[i].start < high)
		high = list->vma[i].start;
	for (;;) {
		uintptr_t bottom = i ? list->vma[i - 1].end : 0, start;

		if (bottom < low)
			bottom = low;
		if (high >= size && high > bottom) {
			start = (high - size) & ~(align - 1);
			if (start >= bottom)
				return start;
		}
		if (!i || bottom == low)
			return 0;
		high = list->vma[--i].start;
	}
}
