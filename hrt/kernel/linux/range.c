// SPDX-License-Identifier: Apache-2.0
// Ranges of the program's addresses: made, removed, changed, moved.
#include <asm/errno.h>

#include "range.h"

/* Joins the small pages of a piece when one range covers all of it. */
static void settle(uintptr_t va)
{
	uintptr_t slot = piece_slot(va), end = slot + DIVE_PIECE;
	struct piece *piece = piece_at(slot);
	const struct vma *v = vma_at(&space_list, slot);

	if (!piece)
		return;
	if (!v || v->start > slot || v->end < end)
		piece->is_small = true;
	else if (piece->is_small && !page_join(slot))
		piece->is_small = false;
}

static bool is_program(uintptr_t va, size_t size)
{
	return va >= DIVE_PROGRAM_BASE && va < DIVE_PROGRAM_END &&
	       size <= DIVE_PROGRAM_END - va;
}

/* Does a range have something that is not the program's. */
static bool has_kernel(uintptr_t start, uintptr_t end)
{
	for (size_t i = vma_find(&space_list, start);
	     i < space_list.count && space_list.vma[i].start < end; i++)
		if (space_list.vma[i].flags & VMA_KERNEL)
			return true;
	return false;
}

/* After vma_reserve(); pieces without any range are free again. */
static int remove(uintptr_t start, uintptr_t end)
{
	struct piece *piece;
	uint64_t cursor = 0;
	int ret = page_unmap(start, end - start);

	if (ret)
		return ret;
	vma_clear(&space_list, start, end);
	while ((piece = piece_next(start, end, &cursor)))
		if (vma_is_free(&space_list, piece->va, piece->va + DIVE_PIECE))
			piece_remove(piece);
		else
			piece->is_small = true;
	return 0;
}

/* Memory for a new range in pieces that others have begun. */
static bool fill_edge(const struct vma *v, uintptr_t va)
{
	struct piece *piece = piece_at(va);
	uintptr_t start, end;

	if (!piece)
		return true;
	start = v->start > piece->va ? v->start : piece->va;
	end = v->end < piece->va + DIVE_PIECE ? v->end : piece->va + DIVE_PIECE;
	if (!space_fill(piece, start, end, v->rights))
		return false;
	settle(va);
	return true;
}

/* Where nothing is. */
static int add(struct vma v)
{
	vma_add(&space_list, v);
	if (fill_edge(&v, v.start) &&
	    (piece_slot(v.start) == piece_slot(v.end - 1) ||
	     fill_edge(&v, v.end - 1)))
		return 0;
	remove(v.start, v.end);
	return -ENOMEM;
}

static bool has_memory(uintptr_t va, size_t size, uint32_t rights)
{
	return !(rights & PAGE_WRITE) ||
	       piece_missing(va, va + size) <= piece_free_count();
}

static uintptr_t choose(const struct space_request *r)
{
	uintptr_t high = r->is_low ? SPACE_LOW_MAPS : SPACE_MAPS;
	size_t align = r->size >= DIVE_PIECE ? DIVE_PIECE : PAGE_SIZE;
	uintptr_t va;

	if (r->va && is_program(r->va, r->size) &&
	    (!r->is_low || r->va + r->size <= high) &&
	    vma_is_free(&space_list, r->va, r->va + r->size))
		return r->va;
	va = vma_gap(&space_list, r->size, align, DIVE_PROGRAM_BASE, high);
	/* Large pages are not worth a failure. */
	return va || align == PAGE_SIZE
		       ? va
		       : vma_gap(&space_list, r->size, PAGE_SIZE,
				 DIVE_PROGRAM_BASE, high);
}

static int64_t map(const struct space_request *r)
{
	uintptr_t va = r->is_fixed ? r->va : choose(r);
	int ret;

	if (!va || !is_program(va, r->size) || has_kernel(va, va + r->size))
		return -ENOMEM;
	if (!vma_is_free(&space_list, va, va + r->size)) {
		if (!r->may_replace)
			return -EEXIST;
		ret = remove(va, va + r->size);
		if (ret)
			return ret;
	}
	if (!r->is_reserve && !has_memory(va, r->size, r->rights))
		return -ENOMEM;
	ret = add((struct vma){ va, va + r->size, r->rights, r->flags });
	return ret ? ret : (int64_t)va;
}

int64_t space_map(const struct space_request *request)
{
	int64_t ret = -ENOMEM;

	mutex_lock(&space_lock);
	if (vma_reserve(&space_list))
		ret = map(request);
	mutex_unlock(&space_lock);
	return ret;
}

int space_unmap(uintptr_t va, size_t size)
{
	int ret = -EINVAL;

	mutex_lock(&space_lock);
	if (is_program(va, size) && !has_kernel(va, va + size))
		ret = vma_reserve(&space_list) ? remove(va, va + size)
					       : -ENOMEM;
	mutex_unlock(&space_lock);
	return ret;
}

/* -ENOMEM for a hole, else 0 or what one of the ranges has against it. */
static int check(uintptr_t start, uintptr_t end, uint32_t refused, int error)
{
	for (size_t i = vma_find(&space_list, start); i < space_list.count;
	     i++) {
		const struct vma *v = &space_list.vma[i];

		if (v->start > start || v->flags & VMA_KERNEL)
			return -ENOMEM;
		if (v->flags & refused)
			return error;
		if (v->end >= end)
			return 0;
		start = v->end;
	}
	return -ENOMEM;
}

/* The list's part; there are no holes. */
static int set_rights(uintptr_t start, uintptr_t end, uint32_t rights)
{
	while (start < end) {
		struct vma v = *vma_at(&space_list, start);

		v.start = start;
		v.end = v.end < end ? v.end : end;
		if (v.rights != rights) {
			if (!vma_reserve(&space_list))
				return -ENOMEM;
			v.rights = rights;
			vma_clear(&space_list, v.start, v.end);
			vma_add(&space_list, v);
		}
		start = v.end;
	}
	return 0;
}

static int protect(uintptr_t start, uintptr_t end, uint32_t rights)
{
	int ret = check(start, end, rights & PAGE_WRITE ? VMA_SHARED_FILE : 0,
			-EACCES);

	if (!ret && !(vma_at(&space_list, start)->flags & VMA_RESERVE) &&
	    !vma_allows(&space_list, start, end, PAGE_WRITE) &&
	    !has_memory(start, end - start, rights))
		ret = -ENOMEM;
	if (!ret)
		ret = page_protect(start, end - start, rights);
	if (!ret)
		ret = set_rights(start, end, rights);
	settle(start);
	settle(end - 1);
	return ret;
}

int space_protect(uintptr_t va, size_t size, uint32_t rights)
{
	int ret = -ENOMEM;

	mutex_lock(&space_lock);
	if (is_program(va, size))
		ret = protect(va, va + size, rights);
	mutex_unlock(&space_lock);
	return ret;
}

/* Whole pieces are given back, of others the bytes become zero. */
static int zero(uintptr_t start, uintptr_t end)
{
	struct piece *piece;
	uint64_t cursor = 0;

	while ((piece = piece_next(start, end, &cursor))) {
		uintptr_t from = piece->va, to = piece->va + DIVE_PIECE;
		int ret;

		if (from >= start && to <= end) {
			ret = page_unmap(from, DIVE_PIECE);
			if (ret)
				return ret;
			piece_remove(piece);
			continue;
		}
		from = from > start ? from : start;
		to = to < end ? to : end;
		memset(piece_memory(piece, from), 0, to - from);
	}
	return 0;
}

int space_zero(uintptr_t va, size_t size)
{
	int ret = -ENOMEM;

	mutex_lock(&space_lock);
	if (is_program(va, size))
		ret = check(va, va + size, VMA_FILE, -EINVAL);
	if (!ret)
		ret = zero(va, va + size);
	mutex_unlock(&space_lock);
	return ret;
}

/* Can a piece go from one place to the other as a whole. */
static bool is_whole(uintptr_t from, uintptr_t to, size_t size)
{
	return !(from % DIVE_PIECE) && !(to % DIVE_PIECE) && size >= DIVE_PIECE;
}

/* But for those; what was never touched is zero there, too. */
static int copy(uintptr_t from, uintptr_t to, size_t size)
{
	size_t part;

	for (size_t at = 0; at < size; at += part) {
		struct piece *old = piece_at(from + at), *new;
		uintptr_t end = piece_slot(from + at) + DIVE_PIECE;

		part = end - (from + at);
		if (piece_slot(to + at) + DIVE_PIECE - (to + at) < part)
			part = piece_slot(to + at) + DIVE_PIECE - (to + at);
		if (part > size - at)
			part = size - at;
		if (!old || is_whole(from + at, to + at, size - at))
			continue;
		new = space_back(to + at);
		if (!new)
			return -ENOMEM;
		memcpy(piece_memory(new, to + at), piece_memory(old, from + at),
		       part);
	}
	return 0;
}

/* Those; nothing is behind the new place. When it fails all is as it was. */
static int move_pieces(uintptr_t from, uintptr_t to, size_t size,
		       uint32_t rights)
{
	size_t at = (DIVE_PIECE - from % DIVE_PIECE) % DIVE_PIECE;

	for (; at < size && is_whole(from + at, to + at, size - at);
	     at += DIVE_PIECE) {
		struct piece *piece = piece_at(from + at);
		uintptr_t memory;

		if (!piece)
			continue;
		memory = (uintptr_t)piece_memory(piece, from + at);
		if (page_map(to + at, memory, DIVE_PIECE, rights)) {
			/* The tables for the way back are still there. */
			move_pieces(to, from, at, rights);
			return -ENOMEM;
		}
		page_unmap(from + at, DIVE_PIECE);
		piece_move(piece, to + at);
	}
	return 0;
}

/* One of the two places goes. */
static int64_t move(uintptr_t from, size_t old_size,
		    const struct space_request *request)
{
	int64_t place = map(request);
	uintptr_t to = (uintptr_t)place, end = to + request->size;
	/* Pieces that move are not needed twice. */
	size_t kept = (from - to) % DIVE_PIECE ? 0 : old_size;
	int ret = 0;

	if (place < 0)
		return place;
	if (!vma_reserve(&space_list) ||
	    !has_memory(to + kept, request->size - kept, request->rights))
		ret = -ENOMEM;
	if (!ret)
		ret = copy(from, to, old_size);
	if (!ret)
		ret = move_pieces(from, to, old_size, request->rights);
	if (ret)
		remove(to, end);
	else
		ret = remove(from, from + old_size);
	return ret ? ret : place;
}

int64_t space_move(uintptr_t from, size_t old_size, size_t new_size,
		   uintptr_t to, bool may_move)
{
	uintptr_t end = from + old_size, new_end;
	struct space_request r = { .va = to,
				   .size = new_size,
				   .is_fixed = to,
				   .may_replace = to,
				   .is_reserve = true };
	const struct vma *v;
	int64_t ret = -ENOMEM;

	mutex_lock(&space_lock);
	v = is_program(from, old_size) ? vma_at(&space_list, from) : NULL;
	if (!v || v->flags & VMA_KERNEL || v->end < end) {
		ret = -EFAULT;
	} else if (vma_reserve(&space_list)) {
		v = vma_at(&space_list, from);
		r.rights = v->rights;
		r.flags = v->flags;
		if (!to && !__builtin_add_overflow(from, new_size, &new_end) &&
		    is_program(from, new_size) &&
		    vma_is_free(&space_list, end, new_end) &&
		    has_memory(end, new_end - end, v->rights))
			ret = add((struct vma){ end, new_end, v->rights,
						v->flags });
		if (!ret)
			ret = (int64_t)from;
		else if (may_move)
			ret = move(from, old_size, &r);
	}
	mutex_unlock(&space_lock);
	return ret;
}
