/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one address space: all RAM at its physical address, as the contract maps
 * it, and whatever is mapped in between, with pages of 4 KiB and 2 MiB.
 */
#ifndef MINNOW_PAGE_H
#define MINNOW_PAGE_H

#include <dive.h>

#define PAGE_SIZE 4096ull
#define PAGE_2M   0x200000ull
/* Mappings lie below: the lower half. */
#define PAGE_VA_END 0x800000000000ull

/* Rights. Without any of the first three an access is a fault. */
#define PAGE_READ   1
#define PAGE_WRITE  2 /* and read */
#define PAGE_EXEC   4 /* and read */
#define PAGE_DEVICE 8 /* not cached */

/**
 * page_init() - tables of our own, a copy of the contract's; once
 */
void page_init(void);

/**
 * page_load() - use our tables on this CPU
 */
void page_load(void);

/*
 * What follows runs in a thread, with interrupts on; addresses and sizes are
 * multiples of PAGE_SIZE. When it returns, every CPU sees the change.
 */

/**
 * page_map() - make memory appear
 * @va: where
 * @pa: physical address; with @va and @size multiples of 2 MiB, pages are large
 * @size: bytes
 * @rights: PAGE_*
 *
 * Return: 0, -EINVAL for a bad range, -EEXIST when something is mapped there,
 * which is left as it is, -ENOMEM.
 */
int page_map(uintptr_t va, uint64_t pa, size_t size, unsigned int rights);

/**
 * page_protect() - change the rights of what is mapped in a range
 * @va: where
 * @size: bytes; holes are passed over
 * @rights: PAGE_*; PAGE_DEVICE stays as it is
 *
 * Return: 0, -EINVAL, -ENOMEM: then some pages have the new rights.
 */
int page_protect(uintptr_t va, size_t size, unsigned int rights);

/**
 * page_unmap() - forget what is mapped in a range
 * @va: where
 * @size: bytes; holes are passed over
 *
 * Return: 0, -EINVAL, -ENOMEM: then some pages are still mapped.
 */
int page_unmap(uintptr_t va, size_t size);

/**
 * page_prune() - give back the tables that map nothing
 *
 * page_unmap() keeps them: what was mapped is mapped again, as a rule.
 */
void page_prune(void);

/**
 * page_join() - make one large page of small ones
 * @va: a multiple of PAGE_2M
 *
 * Nobody sees a moment without them.
 *
 * Return: 0, -EINVAL when they do not lie side by side with the same rights.
 */
int page_join(uintptr_t va);

/**
 * page_find() - what is mapped at an address
 * @va: any address
 * @ret_pa: its physical address, written when something is mapped; may be NULL
 *
 * Return: PAGE_* rights, 0 for a page without any, -EFAULT for a hole.
 */
int page_find(uintptr_t va, uint64_t *ret_pa);

/**
 * page_allows() - may a range be used
 * @va: any address
 * @size: bytes
 * @rights: that every byte must have
 *
 * Return: true when it may.
 */
bool page_allows(uintptr_t va, size_t size, unsigned int rights);

#endif
