// SPDX-License-Identifier: Apache-2.0
// What foreign kernels are handed: one block of boot data, and the CPU.
#include "loader/handover.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/x86.h"
#include "loader/layout.h"
#include "loader/pagetable.h"

/*
 * Multiboot and PVH leave the selectors open, but xv6 keeps those it was entered
 * with behind a GDT of its own, which has these, as QEMU does.
 */
#define SEL32_CODE 0x08
#define SEL32_DATA 0x10
/* Linux asks for these (x86/boot.rst), __BOOT_CS and __BOOT_DS. */
#define SEL_LINUX_CODE 0x10
#define SEL_LINUX_DATA 0x18

/* Descriptors, Intel SDM 3A 3.4.5: base 0, limit 4 GiB, accessed. */
#define DESC_CODE32 0x00cf9b000000ffffull
#define DESC_CODE64 0x00af9b000000ffffull
#define DESC_DATA   0x00cf93000000ffffull
#define GDT_ENTRIES 4

/* Longest command line with its NUL; Linux takes 2048. */
#define WORDS_MAX 8192

int handover_put(struct handover *h, const void *from, uint64_t size,
		 gpa_t *ret, struct err *e)
{
	uint64_t at = round_up(h->used, 8);
	const struct gmem *mem = h->place->req->mem;

	if (size > LAYOUT_INFO_SIZE || at > LAYOUT_INFO_SIZE - size)
		return err_set(e, -ENOEXEC,
			       "command lines and tables for the kernel need "
			       "more than %llu bytes: make them shorter",
			       LAYOUT_INFO_SIZE);
	if (from && gmem_write(mem, h->info + at, from, size) != 0)
		return err_set(e, -ENOEXEC, "0x%" PRIx64 " is not memory",
			       h->info + at);
	h->used = at + size;
	*ret = h->info + at;
	return 0;
}

int handover_init(struct handover *h, struct place *p, struct err *e)
{
	static const uint64_t gdt[GDT_ENTRIES] = {
		[SEL32_CODE / 8] = DESC_CODE32,
		[SEL32_DATA / 8] = DESC_DATA,
		[SEL_LINUX_DATA / 8] = DESC_DATA,
	};
	struct place_want info = {
		.what = "boot data",
		.size = LAYOUT_INFO_SIZE,
		.align = PAGE_4K,
		.prefer = LAYOUT_INFO,
		.lo = LAYOUT_LOWEST,
		.hi = LAYOUT_END,
	};
	struct place_want stack = info;
	gpa_t at;
	int rc;

	*h = (struct handover){ .place = p };
	rc = place_find(p, &info, &h->info, e);
	if (rc)
		return rc;
	stack.what = "a stack";
	stack.size = LAYOUT_STACK_SIZE;
	stack.prefer = LAYOUT_STACK;
	rc = place_find(p, &stack, &at, e);
	if (rc)
		return rc;
	h->stack = at + LAYOUT_STACK_SIZE - 16;
	return handover_put(h, gdt, sizeof(gdt), &h->gdt, e);
}

/* The file name as one word: no blanks, nothing a console would obey. */
static void name_word(const struct image *img, char *to, size_t size)
{
	const char *slash = strrchr(img->name, '/');
	const char *name = slash ? slash + 1 : img->name;
	size_t n = 0;

	while (name[n] && n + 1 < size) {
		to[n] = name[n] > ' ' && name[n] < 0x7f ? name[n] : '_';
		n++;
	}
	to[n] = 0;
}

int handover_put_words(struct handover *h, const struct image *img,
		       const char *more, const char *words, gpa_t *ret,
		       struct err *e)
{
	char name[256] = "";
	char text[WORDS_MAX];
	int n;

	if (img)
		name_word(img, name, sizeof(name));
	n = snprintf(text, sizeof(text), "%s%s%s%s%s", name,
		     *name && *more ? " " : "", more,
		     (*name || *more) && *words ? " " : "", words);
	if (n < 0 || (size_t)n >= sizeof(text))
		return err_set(e, -ENOEXEC,
			       "a command line of %d bytes is too long: %d "
			       "are the limit",
			       n, WORDS_MAX - 1);
	return handover_put(h, text, (uint64_t)n + 1, ret, e);
}

void handover_enter32(const struct handover *h, gpa_t rip,
		      struct entry_state *ret)
{
	*ret = (struct entry_state){
		.mode = ENTRY_PROT32,
		.rip = rip,
		.rsp = h->stack,
		.cr0 = CR0_PE | CR0_ET,
		.cs = SEL32_CODE,
		.ds = SEL32_DATA,
		.gdt = h->gdt,
		.gdt_limit = GDT_ENTRIES * 8 - 1,
	};
}

/* Linux has its code where the others have data. */
static int use_linux_selectors(const struct handover *h, uint64_t code,
			       struct entry_state *ret, struct err *e)
{
	const struct gmem *mem = h->place->req->mem;

	if (gmem_write(mem, h->gdt + SEL_LINUX_CODE, &code, sizeof(code)) != 0)
		return err_set(e, -ENOEXEC, "the GDT is not memory");
	ret->cs = SEL_LINUX_CODE;
	ret->ds = SEL_LINUX_DATA;
	return 0;
}

int handover_enter_linux32(const struct handover *h, gpa_t rip,
			   struct entry_state *ret, struct err *e)
{
	handover_enter32(h, rip, ret);
	return use_linux_selectors(h, DESC_CODE32, ret, e);
}

int handover_enter64(const struct handover *h, gpa_t rip,
		     struct entry_state *ret, struct err *e)
{
	const struct gmem *mem = h->place->req->mem;
	struct place_want want = {
		.what = "page tables",
		.size = LAYOUT_TABLES_SIZE,
		.align = PAGE_4K,
		.prefer = LAYOUT_TABLES,
		.lo = LAYOUT_LOWEST,
		.hi = LAYOUT_END,
	};
	struct pagetable pt;
	gpa_t at;
	int rc = place_find(h->place, &want, &at, e);

	if (rc == 0)
		rc = pagetable_init(&pt, mem, at, LAYOUT_TABLES_SIZE, e);
	if (rc == 0)
		rc = pagetable_map(&pt, 0, 0, LAYOUT_END, PTE_P | PTE_W, e);
	if (rc)
		return rc;
	handover_enter32(h, rip, ret);
	ret->mode = ENTRY_LONG64;
	ret->cr0 |= CR0_PG;
	ret->cr3 = pt.root;
	ret->cr4 = CR4_PAE;
	ret->efer = EFER_LME | EFER_LMA;
	return use_linux_selectors(h, DESC_CODE64, ret, e);
}
