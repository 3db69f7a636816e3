// SPDX-License-Identifier: Apache-2.0
// The segments of a core: what of guest memory lies at which address.
#include "vmm/gdb/core_map.h"

#include <errno.h>
#include <stdlib.h>

#include "base/x86.h"

/* Bounds the time that page tables made for the purpose can take. */
#define WALKS_MAX (1u << 22)

static int grow(struct core_map *map)
{
	size_t room = map->room ? map->room * 2 : 64;
	Elf64_Phdr *load = realloc(map->load, room * sizeof(load[0]));

	if (!load)
		return -ENOMEM;
	map->load = load;
	map->room = room;
	return 0;
}

static int add(struct core_map *map, const Elf64_Phdr *next)
{
	Elf64_Phdr *last = map->loads ? &map->load[map->loads - 1] : NULL;

	if (last && last->p_vaddr + last->p_memsz == next->p_vaddr &&
	    last->p_offset + last->p_memsz == next->p_offset &&
	    last->p_paddr + last->p_memsz == next->p_paddr &&
	    last->p_flags == next->p_flags) {
		last->p_memsz += next->p_memsz;
		last->p_filesz = last->p_memsz;
		return 0;
	}
	if (map->loads == CORE_LOADS_MAX) {
		map->full = true;
		return 0;
	}
	if (map->loads == map->room && grow(map))
		return -ENOMEM;
	map->load[map->loads++] = *next;
	return 0;
}

/* What of size bytes at va, physically at gpa, is memory. */
static int add_memory(struct core_map *map, const struct gmem *mem, gva_t va,
		      gpa_t gpa, uint64_t size, uint32_t flags)
{
	uint64_t offset = 0;
	int rc = 0;

	for (unsigned int i = 0; i < mem->count && !rc; i++) {
		const struct gmem_region *r = &mem->region[i];
		gpa_t from = gpa > r->gpa ? gpa : r->gpa;
		gpa_t end = gpa + size < r->gpa + r->size ? gpa + size
							  : r->gpa + r->size;
		Elf64_Phdr load = {
			.p_type = PT_LOAD,
			.p_flags = flags,
			.p_offset = offset + (from - r->gpa),
			.p_vaddr = va + (from - gpa),
			.p_paddr = from,
			.p_filesz = end - from,
			.p_memsz = end - from,
			.p_align = PAGE_4K,
		};

		if (from < end)
			rc = add(map, &load);
		offset += r->size;
	}
	return rc;
}

/* How much around an address is translated, or not, by the same entry. */
static uint64_t span(const struct walk *w)
{
	unsigned int bits = w->mode == WALK_32BIT ? 10 : 9;

	if (w->end == WALK_MAPPED)
		return w->page_size;
	if (w->steps == 0)
		return 0; /* there are no tables */
	return UINT64_C(1) << (12 + bits * (w->step[w->steps - 1].level - 1));
}

static int add_range(struct core_map *map, const struct gmem *mem,
		     const struct cpu_regs *regs, gva_t from, gva_t last,
		     unsigned int *walks)
{
	int rc = 0;

	for (gva_t va = from; !rc;) {
		struct walk w;
		uint64_t size;

		if (map->full || (*walks)++ == WALKS_MAX) {
			map->full = true;
			break;
		}
		pagewalk(mem, regs, va, &w);
		size = span(&w);
		if (w.end == WALK_MAPPED)
			rc = add_memory(map, mem, va, w.gpa, size,
					PF_R | (w.writable ? PF_W : 0u) |
						(w.no_execute ? 0u : PF_X));
		if (size == 0 || last - va < size)
			break;
		va += size;
	}
	return rc;
}

int core_map_make(struct core_map *map, const struct gmem *mem,
		  const struct cpu_regs *regs)
{
	unsigned int bits = regs->cr4 & CR4_LA57 ? 57 : 48;
	gva_t upper = ~UINT64_C(0) << (bits - 1);
	unsigned int walks = 0;
	int rc;

	*map = (struct core_map){ .loads = 0 };
	if (!(regs->cr0 & CR0_PG))
		return add_memory(map, mem, 0, 0, ~UINT64_C(0),
				  PF_R | PF_W | PF_X);
	if (!(regs->efer & EFER_LMA))
		return add_range(map, mem, regs, 0, UINT32_MAX, &walks);
	/* The kernel's half first: if it is too much, not that is missing. */
	rc = add_range(map, mem, regs, upper, ~UINT64_C(0), &walks);
	return rc ? rc : add_range(map, mem, regs, 0, ~upper, &walks);
}
