// SPDX-License-Identifier: Apache-2.0
// Memory behind the program's addresses: given at the first touch, 2 MiB each.
#include "space.h"

#include <asm/errno.h>

#include "../boot.h"
#include "../console.h"
#include "../wait.h"
#include "call.h"
#include "channel.h"
#include "piece.h"
#include "process.h"
#include "range.h"

#define SIGBUS 7

/* Between these the machine has its devices. */
#define DEVICES_START 0xc0000000
#define DEVICES_END   0x100000000

struct mutex space_lock;
struct vma_list space_list;

static uintptr_t slot_end(uintptr_t va)
{
	return piece_slot(va) + DIVE_PIECE;
}

/* --- what is not the program's ----------------------------------------------- */

static void exclude(uintptr_t start, uintptr_t end)
{
	struct vma vma = { piece_slot(start), slot_end(end - 1), 0,
			   VMA_KERNEL };

	if (vma.start >= DIVE_PROGRAM_END)
		return;
	if (!vma_reserve(&space_list))
		dive_panic("no memory for the list of ranges");
	vma_clear(&space_list, vma.start, vma.end);
	vma_add(&space_list, vma);
}

static void exclude_kernel(void)
{
	const struct dive_boot *boot = boot_machine;

	exclude(0, DIVE_PROGRAM_BASE);
	exclude(DEVICES_START, DEVICES_END);
	for (uint32_t i = 0; i < boot->memory_count; i++)
		exclude(boot->memory[i].start,
			boot->memory[i].start + boot->memory[i].size);
	exclude(boot->window.start, boot->window.start + boot->window.size);
}

int space_init(const struct dive_range *window)
{
	bool is_first = __atomic_load_n(&channel_area()->kernel_boot,
					__ATOMIC_RELAXED) == 1;

	exclude_kernel();
	return piece_init(window, is_first);
}

void space_clear(void)
{
	for (size_t i = 0; i < space_list.count; i++) {
		const struct vma *v = &space_list.vma[i];

		if (!(v->flags & VMA_KERNEL) &&
		    page_unmap(v->start, v->end - v->start))
			dive_panic("no memory to forget a program");
	}
	page_prune();
	piece_remove_all();
	space_list.count = 0;
	exclude_kernel();
}

/* --- memory ------------------------------------------------------------------ */

bool space_fill(struct piece *piece, uintptr_t start, uintptr_t end,
		uint32_t rights)
{
	void *memory = piece_memory(piece, start);

	if (piece->is_dirty)
		memset(memory, 0, end - start);
	if (end - start < DIVE_PIECE)
		piece->is_small = true;
	return !page_map(start, (uintptr_t)memory, end - start, rights);
}

struct piece *space_back(uintptr_t va)
{
	struct piece *piece = piece_at(va);
	uintptr_t slot = piece_slot(va), end = slot_end(va);

	if (piece)
		return piece;
	piece = piece_add(va);
	if (!piece)
		return NULL;
	for (size_t i = vma_find(&space_list, slot);
	     i < space_list.count && space_list.vma[i].start < end; i++) {
		const struct vma *v = &space_list.vma[i];
		uintptr_t from = v->start > slot ? v->start : slot;
		uintptr_t to = v->end < end ? v->end : end;

		if (v->flags & VMA_KERNEL ||
		    space_fill(piece, from, to, v->rights))
			continue;
		/* What is not mapped yet is passed over. */
		page_unmap(slot, DIVE_PIECE);
		piece->is_dirty = true;
		piece_remove(piece);
		return NULL;
	}
	piece->is_dirty = true;
	return piece;
}

/* Has the partner map all of a range that it has not; pieces exist. */
static bool share(uintptr_t start, uintptr_t end)
{
	uintptr_t va = piece_slot(start);

	while (va < end) {
		struct piece *first = piece_at(va);
		uintptr_t next = va + DIVE_PIECE;
		struct piece *last = first;

		if (first->is_shared) {
			va = next;
			continue;
		}
		/* As much as lies side by side in one request. */
		while (next < end && piece_at(next) == last + 1 &&
		       !last[1].is_shared) {
			last++;
			next += DIVE_PIECE;
		}
		if (channel_map(va, piece_offset(first, va), next - va))
			return false;
		for (; first <= last; first++)
			first->is_shared = true;
		va = next;
	}
	return true;
}

/* With the lock: may the program do this, and is there memory for it. */
static bool prepare(uintptr_t va, size_t size, uint32_t rights)
{
	uintptr_t end;

	if (__builtin_add_overflow(va, size, &end) || end > DIVE_PROGRAM_END ||
	    !vma_allows(&space_list, va, end, rights))
		return false;
	for (uintptr_t at = va; at < end; at = slot_end(at))
		if (!space_back(at))
			return false;
	return true;
}

bool space_allows(uintptr_t va, size_t size, unsigned int rights)
{
	bool allowed;

	if (!size)
		return true;
	mutex_lock(&space_lock);
	allowed = prepare(va, size, rights) && share(va, va + size);
	mutex_unlock(&space_lock);
	return allowed;
}

/* The kernel's way to an address, as far as it goes in one piece. */
static void *access(uintptr_t va, size_t *size, uint32_t rights)
{
	uintptr_t room = slot_end(va) - va;

	if (*size > room)
		*size = room;
	if (!prepare(va, *size, rights))
		return NULL;
	return piece_memory(piece_at(va), va);
}

bool space_read(void *to, uintptr_t va, size_t size)
{
	const void *from;
	uint8_t *at = to;

	mutex_lock(&space_lock);
	while (size) {
		size_t part = size;

		from = access(va, &part, PAGE_READ);
		if (!from)
			break;
		memcpy(at, from, part);
		at += part;
		va += part;
		size -= part;
	}
	mutex_unlock(&space_lock);
	return !size;
}

bool space_write(uintptr_t va, const void *from, size_t size)
{
	const uint8_t *at = from;
	void *to;

	mutex_lock(&space_lock);
	while (size) {
		size_t part = size;

		to = access(va, &part, PAGE_WRITE);
		if (!to)
			break;
		memcpy(to, at, part);
		at += part;
		va += part;
		size -= part;
	}
	mutex_unlock(&space_lock);
	return !size;
}

bool space_string(uintptr_t va, size_t max, size_t *ret_length)
{
	size_t length = 0;
	bool is_good = true, is_over = false;

	mutex_lock(&space_lock);
	while (is_good && !is_over && length < max) {
		size_t page = PAGE_SIZE - (va + length) % PAGE_SIZE;
		size_t part = page < max - length ? page : max - length, i = 0;
		const char *text = access(va + length, &part, PAGE_READ);

		is_good = text;
		while (is_good && i < part && text[i])
			i++;
		is_over = i < part;
		length += i;
	}
	/* With the NUL, if there is one. */
	is_good =
		is_good && (!max || share(va, va + length + (is_over ? 1 : 0)));
	mutex_unlock(&space_lock);
	*ret_length = length;
	return is_good;
}

/* --- faults ------------------------------------------------------------------ */

static uint32_t wanted(const struct frame *frame)
{
	if (frame->error & FAULT_WRITE)
		return PAGE_WRITE;
	return frame->error & FAULT_EXEC ? PAGE_EXEC : PAGE_READ;
}

bool space_fault(const struct frame *frame, uintptr_t address)
{
	uintptr_t page = address & ~(PAGE_SIZE - 1);
	uint32_t rights = wanted(frame);
	uint64_t start = dive_tsc();
	bool allowed, is_backed;

	mutex_lock(&space_lock);
	allowed = address < DIVE_PROGRAM_END &&
		  vma_allows(&space_list, page, page + PAGE_SIZE, rights);
	/* Another thread may have been here first. */
	is_backed = allowed && space_back(page) &&
		    page_allows(page, PAGE_SIZE, rights);
	mutex_unlock(&space_lock);
	if (allowed && !is_backed) {
		console_log("minnow: %s is killed: the window is full, a "
			    "larger one is --window SIZE\n",
			    process.job.path);
		process_exit(0, SIGBUS);
	}
	if (allowed)
		call_count_fault(dive_tsc() - start);
	return allowed;
}

bool space_is_mapped(uintptr_t va)
{
	const struct vma *vma;
	bool is_mapped;

	mutex_lock(&space_lock);
	vma = vma_at(&space_list, va);
	is_mapped = vma && !(vma->flags & VMA_KERNEL);
	mutex_unlock(&space_lock);
	return is_mapped;
}
