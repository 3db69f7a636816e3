// SPDX-License-Identifier: Apache-2.0
// Page tables (Intel SDM 3A 4.5). Their memory is RAM, so it is mapped 1:1.
#include "page.h"

#include <asm/errno.h>

#include "ram.h"
#include "tlb.h"
#include "wait.h"

#define PTE_PRESENT 1ull
#define PTE_WRITE   2ull
#define PTE_DEVICE  0x18ull /* PCD and PWT: uncached */
#define PTE_LARGE   0x80ull /* of a table of level 2: a 2 MiB page */
#define PTE_NX      (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

#define ENTRIES 512

#define PAGE_RIGHTS (PAGE_READ | PAGE_WRITE | PAGE_EXEC)

/*
 * An entry of 0 is a hole; a page without rights keeps its address but is not
 * present. Entries of tables are always present.
 */
static uint64_t *root;
static struct mutex lock;

static uint64_t read_cr3(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	return cr3;
}

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(entry & PTE_ADDRESS);
}

static bool is_page(uint64_t entry, int level)
{
	return level == 1 || (level == 2 && entry & PTE_LARGE);
}

/* At the start there is memory, or there is no kernel. */
static uint64_t *first_table(void)
{
	uint64_t *table = ram_alloc(0);

	if (!table)
		dive_panic("no memory for page tables");
	return table;
}

static uint64_t *copy_table(const uint64_t *from, int level)
{
	uint64_t *to = first_table();

	for (int i = 0; i < ENTRIES; i++) {
		to[i] = from[i];
		if (from[i] & PTE_PRESENT && !is_page(from[i], level))
			to[i] = (uintptr_t)copy_table(table_of(from[i]),
						      level - 1) |
				(from[i] & ~PTE_ADDRESS);
	}
	return to;
}

void page_init(void)
{
	root = copy_table(table_of(read_cr3()), 4);
}

void page_load(void)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(root) : "memory");
}

static uint64_t bits_of(unsigned int rights)
{
	uint64_t bits = 0;

	if (rights & PAGE_RIGHTS)
		bits |= PTE_PRESENT;
	if (rights & PAGE_WRITE)
		bits |= PTE_WRITE;
	if (!(rights & PAGE_EXEC))
		bits |= PTE_NX;
	if (rights & PAGE_DEVICE)
		bits |= PTE_DEVICE;
	return bits;
}

/* A table in place of a hole or of a large page, which it splits. */
static bool make_table(uint64_t *entry)
{
	uint64_t *table = ram_alloc(0), page = *entry & ~PTE_LARGE;

	if (!table)
		return false;
	for (uint64_t i = 0; i < ENTRIES; i++)
		table[i] = *entry ? page + i * PAGE_SIZE : 0;
	__atomic_store_n(entry, (uintptr_t)table | PTE_PRESENT | PTE_WRITE,
			 __ATOMIC_RELEASE);
	return true;
}

/*
 * The entry of an address in a table of level 1 or 2; higher, it is what ends
 * the walk: a large page or a hole.
 */
static uint64_t *walk(uintptr_t va, int *level)
{
	uint64_t *table = root;

	for (int at = 4;; at--) {
		uint64_t *entry = &table[va >> (3 + 9 * at) & (ENTRIES - 1)];

		if (at == *level || !*entry || is_page(*entry, at)) {
			*level = at;
			return entry;
		}
		table = table_of(*entry);
	}
}

/* The same, but with tables made until the level is reached; or NULL. */
static uint64_t *walk_to(uintptr_t va, int level)
{
	for (;;) {
		int at = level;
		uint64_t *entry = walk(va, &at);

		if (at == level)
			return entry;
		if (!make_table(entry))
			return NULL;
	}
}

static size_t size_at(int level)
{
	return 1ull << (3 + 9 * level);
}

static bool is_range(uintptr_t va, size_t size)
{
	return va % PAGE_SIZE == 0 && size % PAGE_SIZE == 0 && size &&
	       va < PAGE_VA_END && size <= PAGE_VA_END - va;
}

static bool is_large(uint64_t a, uint64_t b, size_t size)
{
	return (a | b) % PAGE_2M == 0 && size >= PAGE_2M;
}

/* Passes over what one entry covers, from an address in it. */
static uintptr_t next_entry(uintptr_t va, int level)
{
	return (va | (size_at(level) - 1)) + 1;
}

static bool is_hole(uintptr_t va, size_t size)
{
	uintptr_t end = va + size;
	int level;

	for (; va < end; va = next_entry(va, level)) {
		level = 1;
		if (*walk(va, &level))
			return false;
	}
	return true;
}

/* Changes what is mapped in a range; splits large pages that go over its ends. */
static int change(uintptr_t va, size_t size, bool keep, uint64_t bits)
{
	uintptr_t at = va, end = va + size;
	uint64_t *entry, kept;
	bool is_cached = false;
	int level, ret = 0;

	for (; at < end; at = next_entry(at, level)) {
		level = 1;
		entry = walk(at, &level);
		if (!*entry)
			continue;
		if (level == 2 && !is_large(at, 0, end - at)) {
			level = 1;
			entry = walk_to(at, level);
			if (!entry) {
				ret = -ENOMEM;
				break;
			}
		}
		/* A CPU remembers no page that was not present. */
		is_cached |= *entry & PTE_PRESENT;
		kept = *entry & (PTE_ADDRESS | PTE_DEVICE | PTE_LARGE);
		__atomic_store_n(entry, keep ? kept | bits : 0,
				 __ATOMIC_RELEASE);
	}
	if (is_cached)
		tlb_flush(va, size);
	return ret;
}

static int change_range(uintptr_t va, size_t size, bool keep, uint64_t bits)
{
	int ret;

	if (!is_range(va, size))
		return -EINVAL;
	mutex_lock(&lock);
	ret = change(va, size, keep, bits);
	mutex_unlock(&lock);
	return ret;
}

int page_protect(uintptr_t va, size_t size, unsigned int rights)
{
	return change_range(va, size, true, bits_of(rights & PAGE_RIGHTS));
}

int page_unmap(uintptr_t va, size_t size)
{
	return change_range(va, size, false, 0);
}

/* A hole that a table has left. */
static void drop_table(uintptr_t va, uint64_t *entry)
{
	uint64_t *table = table_of(*entry);

	__atomic_store_n(entry, 0, __ATOMIC_RELEASE);
	/* No CPU may walk it any more. */
	tlb_flush(va, PAGE_2M);
	ram_free(table);
}

static bool is_empty(const uint64_t *table)
{
	for (int i = 0; i < ENTRIES; i++)
		if (table[i])
			return false;
	return true;
}

static void prune(uint64_t *table, int level, uintptr_t va)
{
	for (int i = 0; i < ENTRIES; i++, va += size_at(level)) {
		if (!table[i] || is_page(table[i], level))
			continue;
		if (level > 2)
			prune(table_of(table[i]), level - 1, va);
		if (is_empty(table_of(table[i])))
			drop_table(va, &table[i]);
	}
}

void page_prune(void)
{
	mutex_lock(&lock);
	prune(root, 4, 0);
	mutex_unlock(&lock);
}

/* With nothing mapped in the range. */
static int fill(uintptr_t va, uint64_t pa, size_t size, uint64_t bits)
{
	while (size) {
		int level = is_large(va, pa, size) ? 2 : 1;
		uint64_t *entry = walk_to(va, level);

		if (!entry)
			return -ENOMEM;
		if (*entry)
			drop_table(va, entry);
		__atomic_store_n(entry,
				 pa | bits | (level == 2 ? PTE_LARGE : 0),
				 __ATOMIC_RELEASE);
		va += size_at(level);
		pa += size_at(level);
		size -= size_at(level);
	}
	return 0;
}

int page_map(uintptr_t va, uint64_t pa, size_t size, unsigned int rights)
{
	int ret = -EEXIST;

	if (!is_range(va, size) || pa % PAGE_SIZE || pa & ~PTE_ADDRESS)
		return -EINVAL;
	mutex_lock(&lock);
	if (is_hole(va, size)) {
		ret = fill(va, pa, size, bits_of(rights));
		if (ret)
			change(va, size, false, 0);
	}
	mutex_unlock(&lock);
	return ret;
}

/* What the CPU notes in an entry. */
#define PTE_NOTES 0x60ull

/* Would a large page do what the entries of this table do. */
static bool is_joined(const uint64_t *table)
{
	uint64_t first = table[0] & ~PTE_NOTES;

	if (!first || (first & PTE_ADDRESS) % PAGE_2M)
		return false;
	for (uint64_t i = 1; i < ENTRIES; i++)
		if ((table[i] & ~PTE_NOTES) != first + i * PAGE_SIZE)
			return false;
	return true;
}

int page_join(uintptr_t va)
{
	uint64_t *entry, *table;
	int level = 2, ret = -EINVAL;

	if (!is_range(va, PAGE_2M) || va % PAGE_2M)
		return -EINVAL;
	mutex_lock(&lock);
	entry = walk(va, &level);
	table = table_of(*entry);
	if (level == 2 && *entry && is_page(*entry, 2)) {
		ret = 0;
	} else if (level == 2 && *entry && is_joined(table)) {
		__atomic_store_n(entry, (table[0] & ~PTE_NOTES) | PTE_LARGE,
				 __ATOMIC_RELEASE);
		/* No CPU may walk it any more. */
		tlb_flush(va, PAGE_2M);
		ram_free(table);
		ret = 0;
	}
	mutex_unlock(&lock);
	return ret;
}

static unsigned int rights_of(uint64_t entry)
{
	unsigned int rights = entry & PTE_DEVICE ? PAGE_DEVICE : 0;

	if (entry & PTE_PRESENT)
		rights |= PAGE_READ;
	if (entry & PTE_WRITE)
		rights |= PAGE_WRITE;
	if (entry & PTE_PRESENT && !(entry & PTE_NX))
		rights |= PAGE_EXEC;
	return rights;
}

int page_find(uintptr_t va, uint64_t *ret_pa)
{
	uint64_t entry;
	int level = 1;

	if (va >= PAGE_VA_END)
		return -EFAULT;
	mutex_lock(&lock);
	entry = *walk(va, &level);
	mutex_unlock(&lock);
	if (!entry)
		return -EFAULT;
	if (ret_pa)
		*ret_pa = (entry & PTE_ADDRESS) | (va & (size_at(level) - 1));
	return (int)rights_of(entry);
}

bool page_allows(uintptr_t va, size_t size, unsigned int rights)
{
	uintptr_t end;
	bool allowed = true;
	int level;

	if (__builtin_add_overflow(va, size, &end) || end > PAGE_VA_END)
		return false;
	mutex_lock(&lock);
	for (; va < end && allowed; va = next_entry(va, level)) {
		uint64_t entry;

		level = 1;
		entry = *walk(va, &level);
		allowed = entry && (rights_of(entry) & rights) == rights;
	}
	mutex_unlock(&lock);
	return allowed;
}
