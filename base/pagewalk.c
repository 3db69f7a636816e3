// SPDX-License-Identifier: Apache-2.0
// A stopped CPU's page tables, read as the CPU would (Intel SDM 3A 4).
#include "base/pagewalk.h"

#include "base/x86.h"

static bool is_canonical(gva_t va, unsigned int bits)
{
	int64_t top = (int64_t)va >> (bits - 1);

	return top == 0 || top == -1;
}

/* Reads the entry of a level into a new step; false: not in memory. */
static bool next_step(const struct gmem *m, gpa_t gpa, unsigned int level,
		      size_t size, struct walk *w)
{
	struct walk_step *s = &w->step[w->steps];

	*s = (struct walk_step){ .level = level, .gpa = gpa };
	if (gmem_read(m, gpa, &s->entry, size) < 0) {
		w->end = WALK_NO_TABLE;
		w->gpa = gpa;
		return false;
	}
	w->steps++;
	return true;
}

static void mapped(const struct gmem *m, struct walk *w, gpa_t frame,
		   uint64_t page_size, gva_t va)
{
	w->end = WALK_MAPPED;
	w->page_size = page_size;
	w->gpa = (frame & ~(page_size - 1)) | (va & (page_size - 1));
	w->in_ram = gmem_ptr(m, w->gpa, 1) != NULL;
}

static void walk_32bit(const struct gmem *m, const struct cpu_regs *regs,
		       gva_t va, struct walk *w)
{
	gpa_t table = regs->cr3 & 0xfffff000u;

	for (unsigned int level = 2; level > 0; level--) {
		unsigned int shift = 12 + 10 * (level - 1);
		uint64_t entry;

		if (!next_step(m, table + ((va >> shift) & 0x3ff) * 4, level, 4,
			       w))
			return;
		entry = w->step[w->steps - 1].entry;
		if (!(entry & PTE_P)) {
			w->end = WALK_NOT_PRESENT;
			return;
		}
		w->writable &= !!(entry & PTE_W);
		w->user &= !!(entry & PTE_U);
		if (level == 2 && (entry & PTE_PS) && (regs->cr4 & CR4_PSE)) {
			/* PSE-36: bits 20:13 are address bits 39:32. */
			mapped(m, w,
			       (entry & 0xffc00000u) | ((entry >> 13) & 0xff)
							       << 32,
			       UINT64_C(4) << 20, va);
			return;
		}
		table = entry & 0xfffff000u;
	}
	mapped(m, w, table, PAGE_4K, va);
}

/* Bits that must be 0 in an entry of 8 bytes (Intel SDM 3A 4.5, 4.4.2). */
static uint64_t reserved_bits(const struct cpu_regs *regs, enum walk_mode mode,
			      unsigned int level, bool page)
{
	uint64_t bits = 0;

	if (mode == WALK_PAE && level == 3)
		return UINT64_C(0xfff00000000001e6);
	if (!(regs->efer & EFER_NXE))
		bits |= PTE_NX;
	if (mode == WALK_PAE)
		bits |= UINT64_C(0x7ff0000000000000);
	if (level >= 4)
		bits |= PTE_PS;
	if (page && level > 1) /* between the PAT bit and the address */
		bits |= ((UINT64_C(1) << (12 + 9 * (level - 1))) - 1) &
			~UINT64_C(0x1fff);
	return bits;
}

static void walk_64bit(const struct gmem *m, const struct cpu_regs *regs,
		       gva_t va, struct walk *w)
{
	bool la57 = w->mode == WALK_LONG && (regs->cr4 & CR4_LA57);
	unsigned int level = w->mode == WALK_PAE ? 3 : la57 ? 5 : 4;
	gpa_t table = w->mode == WALK_PAE ? regs->cr3 & 0xffffffe0u
					  : regs->cr3 & PTE_ADDR;

	for (; level > 0; level--) {
		unsigned int shift = 12 + 9 * (level - 1);
		bool pdpte = w->mode == WALK_PAE && level == 3;
		uint64_t entry;
		bool page;

		if (!next_step(m, table + ((va >> shift) & 0x1ff) * 8, level, 8,
			       w))
			return;
		entry = w->step[w->steps - 1].entry;
		if (!(entry & PTE_P)) {
			w->end = WALK_NOT_PRESENT;
			return;
		}
		page = level == 1 || (level <= 3 && !pdpte && (entry & PTE_PS));
		if (entry & reserved_bits(regs, w->mode, level, page)) {
			w->end = WALK_RESERVED;
			return;
		}
		if (!pdpte) {
			w->writable &= !!(entry & PTE_W);
			w->user &= !!(entry & PTE_U);
			w->no_execute |= !!(entry & PTE_NX);
		}
		if (page) {
			mapped(m, w, entry & PTE_ADDR, UINT64_C(1) << shift,
			       va);
			return;
		}
		table = entry & PTE_ADDR;
	}
}

void pagewalk(const struct gmem *m, const struct cpu_regs *regs, gva_t va,
	      struct walk *ret)
{
	*ret = (struct walk){ .writable = true, .user = true };
	if (!(regs->cr0 & CR0_PG)) {
		ret->mode = WALK_FLAT;
		mapped(m, ret, va, PAGE_4K, va);
	} else if (regs->efer & EFER_LMA) {
		ret->mode = WALK_LONG;
		if (is_canonical(va, regs->cr4 & CR4_LA57 ? 57 : 48))
			walk_64bit(m, regs, va, ret);
		else
			ret->end = WALK_NOT_CANONICAL;
	} else if (regs->cr4 & CR4_PAE) {
		ret->mode = WALK_PAE;
		walk_64bit(m, regs, va & 0xffffffffu, ret);
	} else {
		ret->mode = WALK_32BIT;
		walk_32bit(m, regs, va & 0xffffffffu, ret);
	}
}

size_t pagewalk_read(const struct gmem *m, const struct cpu_regs *regs,
		     gva_t va, void *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t part = PAGE_4K - ((va + done) & (PAGE_4K - 1));
		struct walk w;

		if (part > size - done)
			part = size - done;
		pagewalk(m, regs, va + done, &w);
		if (w.end != WALK_MAPPED ||
		    gmem_read(m, w.gpa, (char *)to + done, part) < 0)
			break;
		done += part;
	}
	return done;
}
