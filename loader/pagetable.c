// SPDX-License-Identifier: Apache-2.0
// Page tables in guest memory (Intel SDM 3A 4.5).
#include "loader/pagetable.h"

#include <assert.h>
#include <errno.h>

/* Accessed and dirty are set so that tables may lie in read-only memory. */
#define TABLE_BITS (PTE_P | PTE_W | PTE_A)
#define LEAF_BITS  (PTE_A | PTE_D)

static int table_new(struct pagetable *pt, gpa_t *ret, struct err *e)
{
	if (pt->end - pt->next < PAGE_4K)
		return err_set(e, -ENOEXEC,
			       "page tables do not fit: the image has too "
			       "many scattered segments");
	*ret = pt->next;
	pt->next += PAGE_4K;
	return 0;
}

static uint64_t *entry_at(const struct pagetable *pt, gpa_t table, gva_t va,
			  unsigned int level)
{
	unsigned int index = (unsigned int)(va >> (12 + 9 * level)) & 511;
	uint64_t *entry = gmem_ptr(pt->mem, table + index * 8ull, 8);

	assert(entry); /* table_new() stays inside the checked space */
	return entry;
}

/* Replace a 2 MiB page by a table that says the same in 512 pieces. */
static int split(struct pagetable *pt, uint64_t *entry, struct err *e)
{
	uint64_t old = *entry;
	gpa_t table;
	int rc = table_new(pt, &table, e);

	if (rc)
		return rc;
	for (unsigned int i = 0; i < 512; i++)
		*entry_at(pt, table, (gva_t)i << 12, 0) =
			(old & ~PTE_PS) + i * PAGE_4K;
	*entry = table | TABLE_BITS;
	return 0;
}

/* The entry for va at level 0 (4 KiB) or 1 (2 MiB), tables made on the way. */
static int walk(struct pagetable *pt, gva_t va, unsigned int level,
		uint64_t **ret, struct err *e)
{
	gpa_t table = pt->root;

	for (unsigned int l = 3; l > level; l--) {
		uint64_t *entry = entry_at(pt, table, va, l);
		int rc = 0;

		if (!(*entry & PTE_P)) {
			rc = table_new(pt, &table, e);
			if (!rc)
				*entry = table | TABLE_BITS;
		} else if (*entry & PTE_PS) {
			rc = split(pt, entry, e);
		}
		if (rc)
			return rc;
		table = *entry & PTE_ADDR;
	}
	*ret = entry_at(pt, table, va, level);
	return 0;
}

int pagetable_init(struct pagetable *pt, const struct gmem *mem, gpa_t space,
		   uint64_t size, struct err *e)
{
	assert(space % PAGE_4K == 0);
	if (!gmem_ptr(mem, space, size))
		return err_set(e, -ENOEXEC, "page tables lie outside memory");
	*pt = (struct pagetable){ .mem = mem,
				  .next = space,
				  .end = space + size };
	return table_new(pt, &pt->root, e);
}

int pagetable_map(struct pagetable *pt, gva_t va, gpa_t pa, uint64_t size,
		  uint64_t bits, struct err *e)
{
	assert(va % PAGE_4K == 0 && pa % PAGE_4K == 0 && size % PAGE_4K == 0);
	while (size) {
		bool big = va % PAGE_2M == 0 && pa % PAGE_2M == 0 &&
			   size >= PAGE_2M;
		uint64_t step = big ? PAGE_2M : PAGE_4K;
		uint64_t *entry;
		int rc = walk(pt, va, big ? 1 : 0, &entry, e);

		if (rc)
			return rc;
		*entry = bits ? pa | bits | LEAF_BITS | (big ? PTE_PS : 0) : 0;
		va += step;
		pa += step;
		size -= step;
	}
	return 0;
}
