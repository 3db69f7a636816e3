/* SPDX-License-Identifier: Apache-2.0 */
/* Which ranges of addresses a program has; nothing but numbers. */
#ifndef MINNOW_LINUX_VMA_H
#define MINNOW_LINUX_VMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* vma.flags */
#define VMA_KERNEL      1 /* not the program's: nothing may be there */
#define VMA_FILE        2 /* a copy of a file */
#define VMA_SHARED_FILE 4 /* that would be the file itself in Linux */
#define VMA_RESERVE     8 /* MAP_NORESERVE: it need not all fit into memory */

/**
 * struct vma - a range with the same rights
 * @start: first byte
 * @end: behind its last byte
 * @rights: PAGE_*
 * @flags: VMA_*
 */
struct vma {
	uintptr_t start;
	uintptr_t end;
	uint32_t rights;
	uint32_t flags;
};

/**
 * struct vma_list - ranges, by address, none over another; all zero is empty
 * @vma: the ranges
 * @count: how many
 * @max: for how many there is memory
 */
struct vma_list {
	struct vma *vma;
	size_t count;
	size_t max;
};

/**
 * vma_find() - the range at an address, or the next one behind it
 * @list: ranges
 * @va: address
 *
 * Return: index of the first range that ends behind @va; list->count if none
 * does.
 */
size_t vma_find(const struct vma_list *list, uintptr_t va);

/**
 * vma_at() - the range at an address
 * @list: ranges
 * @va: address
 *
 * Return: the range, valid until the list changes, or NULL.
 */
const struct vma *vma_at(const struct vma_list *list, uintptr_t va);

/**
 * vma_is_free() - is nothing there
 * @list: ranges
 * @start: first byte
 * @end: behind the last byte
 *
 * Return: true when no range has a byte of it.
 */
bool vma_is_free(const struct vma_list *list, uintptr_t start, uintptr_t end);

/**
 * vma_allows() - does every byte have these rights
 * @list: ranges
 * @start: first byte
 * @end: behind the last byte, above @start
 * @rights: PAGE_*
 *
 * Return: true when it has.
 */
bool vma_allows(const struct vma_list *list, uintptr_t start, uintptr_t end,
		uint32_t rights);

/**
 * vma_reserve() - have memory for what one call can add
 * @list: ranges
 *
 * Return: true, or false: then nothing may be changed.
 */
bool vma_reserve(struct vma_list *list);

/**
 * vma_clear() - take ranges, and parts of ranges, out
 * @list: after vma_reserve()
 * @start: first byte
 * @end: behind the last byte
 */
void vma_clear(struct vma_list *list, uintptr_t start, uintptr_t end);

/**
 * vma_add() - put a range in; it joins neighbours like it
 * @list: after vma_reserve()
 * @vma: where nothing is
 */
void vma_add(struct vma_list *list, struct vma vma);

/**
 * vma_gap() - find the highest free place
 * @list: ranges
 * @size: bytes, more than 0
 * @align: of the address: a power of two
 * @low: not below
 * @high: it ends there at the latest
 *
 * Return: address, or 0 when there is none.
 */
uintptr_t vma_gap(const struct vma_list *list, size_t size, size_t align,
		  uintptr_t low, uintptr_t high);

#endif
