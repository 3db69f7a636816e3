// SPDX-License-Identifier: Apache-2.0
// Finds room in RAM for an image and what is handed to it.
#include "loader/place.h"

#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/x86.h"
#include "loader/layout.h"

static bool is_ram(const struct place *p, gpa_t lo, uint64_t size)
{
	const struct board *b = p->req->board;

	for (unsigned int i = 0; i < b->ranges; i++) {
		const struct board_range *r = &b->range[i];

		if (r->type == RANGE_RAM && lo >= r->gpa &&
		    lo - r->gpa <= r->size && size <= r->size - (lo - r->gpa))
			return gmem_ptr(p->req->mem, lo, size) != NULL;
	}
	return false;
}

static void take(struct place *p, gpa_t lo, uint64_t size)
{
	assert(p->count < PLACE_MAX);
	p->taken[p->count++] = (struct extent){ lo, lo + size };
}

/* "RAM is 0x0 .. 0x9fc00, 0x100000 .. 0x10000000" */
static void list_ram(const struct board *b, char *text, size_t size)
{
	size_t used = 0;

	for (unsigned int i = 0; i < b->ranges && used < size; i++) {
		const struct board_range *r = &b->range[i];
		int n;

		if (r->type != RANGE_RAM)
			continue;
		n = snprintf(text + used, size - used,
			     "%s 0x%" PRIx64 " .. 0x%" PRIx64,
			     used ? "," : "RAM is", r->gpa, r->gpa + r->size);
		used += n > 0 ? (size_t)n : 0;
	}
}

int place_image(struct place *p, gpa_t lo, uint64_t size, struct err *e)
{
	char ram[160] = "there is no RAM";

	if (lo > LAYOUT_END || size > LAYOUT_END - lo || !is_ram(p, lo, size)) {
		list_ram(p->req->board, ram, sizeof(ram));
		return err_set(e, -ENOEXEC,
			       "it is linked to 0x%" PRIx64 " .. 0x%" PRIx64
			       ", but %s: give more with --mem, or link it "
			       "elsewhere below 4 GiB",
			       lo, lo + size, ram);
	}
	take(p, lo, size);
	if (p->top < lo + size)
		p->top = lo + size;
	return 0;
}

static bool is_free(const struct place *p, const struct place_want *w, gpa_t at)
{
	if (at % w->align || at < w->lo || at > w->hi || w->size > w->hi - at ||
	    !is_ram(p, at, w->size))
		return false;
	for (unsigned int i = 0; i < p->count; i++)
		if (at < p->taken[i].hi && p->taken[i].lo < at + w->size)
			return false;
	return true;
}

/* Keep the better of two places; the room may start or end at an edge. */
static void consider(const struct place *p, const struct place_want *w,
		     struct extent edge, gpa_t *best)
{
	gpa_t at = w->top_down ? round_down(edge.hi - w->size, w->align)
			       : round_up(edge.lo, w->align);

	if (w->top_down && edge.hi < w->size)
		return;
	if ((*best == UINT64_MAX || (w->top_down ? at > *best : at < *best)) &&
	    is_free(p, w, at))
		*best = at;
}

int place_find(struct place *p, const struct place_want *w, gpa_t *ret,
	       struct err *e)
{
	const struct board *b = p->req->board;
	gpa_t best = UINT64_MAX;

	if (w->prefer && is_free(p, w, w->prefer))
		best = w->prefer;
	/* The best place touches a limit, an end of RAM or something taken. */
	if (best == UINT64_MAX) {
		consider(p, w, (struct extent){ w->lo, w->hi }, &best);
		for (unsigned int i = 0; i < b->ranges; i++)
			consider(p, w,
				 (struct extent){ b->range[i].gpa,
						  b->range[i].gpa +
							  b->range[i].size },
				 &best);
		for (unsigned int i = 0; i < p->count; i++)
			consider(p, w,
				 (struct extent){ p->taken[i].hi,
						  p->taken[i].lo },
				 &best);
	}
	if (best == UINT64_MAX)
		return err_set(e, -ENOEXEC,
			       "no room for %s: 0x%" PRIx64
			       " bytes of free RAM between 0x%" PRIx64
			       " and 0x%" PRIx64
			       " are needed: try more with --mem",
			       w->what, w->size, w->lo, w->hi);
	take(p, best, w->size);
	*ret = best;
	return 0;
}

int place_elf(struct place *p, const struct image *img, uint64_t slide,
	      struct err *e)
{
	uint64_t left = img->size;

	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;
		int rc = image_segment(img, i, &s, e);

		if (rc)
			return rc;
		if (s.type != PT_LOAD || s.memsz == 0)
			continue;
		/* A sparse file could make loading take for ever. */
		if (s.filesz > left)
			return err_set(e, -ENOEXEC,
				       "%s: its segments take more bytes than "
				       "the file has: is it damaged?",
				       img->name);
		left -= s.filesz;
		rc = place_image(p, s.paddr + slide, s.memsz, e);
		if (rc)
			return err_wrap(e, "%s: segment %zu", img->name, i);
	}
	return load_segments(img, p->req->mem, slide, e);
}

int place_extent(const struct image *img, struct extent *ret, struct err *e)
{
	struct extent all = { UINT64_MAX, 0 };

	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;
		int rc = image_segment(img, i, &s, e);

		if (rc)
			return rc;
		if (s.type != PT_LOAD || s.memsz == 0)
			continue;
		if (all.lo > s.paddr)
			all.lo = s.paddr;
		if (all.hi < s.paddr + s.memsz)
			all.hi = s.paddr + s.memsz;
	}
	if (all.hi == 0)
		return err_set(e, -ENOEXEC, "%s: has no ELF segment to load",
			       img->name);
	*ret = all;
	return 0;
}

int place_entry(const struct image *img, uint64_t addr, gpa_t *ret,
		struct err *e)
{
	bool found = false;

	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;
		int rc = image_segment(img, i, &s, e);

		if (rc)
			return rc;
		if (s.type != PT_LOAD)
			continue;
		if (addr >= s.paddr && addr - s.paddr < s.memsz) {
			*ret = addr;
			return 0;
		}
		if (!found && addr >= s.vaddr && addr - s.vaddr < s.memsz) {
			*ret = addr - s.vaddr + s.paddr;
			found = true;
		}
	}
	if (found)
		return 0;
	return err_set(e, -ENOEXEC,
		       "%s: entry 0x%" PRIx64 " lies in none of its segments",
		       img->name, addr);
}

static int place_file(struct place *p, const struct load_file *file,
		      struct placed_file *ret, struct err *e)
{
	const struct image *img = file->image;
	struct place_want want = {
		.what = "it",
		.size = img->size,
		.align = PAGE_4K,
		.prefer = round_up(p->top, PAGE_4K),
		.lo = LAYOUT_HIGH,
		.hi = LAYOUT_END,
	};
	gpa_t at;
	int rc = place_find(p, &want, &at, e);

	if (rc)
		return err_wrap(e, "%s", img->name);
	if (p->top < at + img->size)
		p->top = at + img->size;
	*ret = (struct placed_file){ at, img->size, file };
	return image_load(img, 0, img->size, p->req->mem, at, e);
}

int place_modules(struct place *p, bool with_initrds, struct placed_file *ret,
		  unsigned int *ret_count, struct err *e)
{
	const struct load_request *req = p->req;
	unsigned int n = 0;

	for (unsigned int i = 0; i < req->modules; i++, n++) {
		int rc = place_file(p, &req->module[i], &ret[n], e);

		if (rc)
			return rc;
	}
	for (unsigned int i = 0; with_initrds && i < req->initrds; i++, n++) {
		int rc = place_file(p, &req->initrd[i], &ret[n], e);

		if (rc)
			return rc;
	}
	*ret_count = n;
	return 0;
}

int place_initrd(struct place *p, gpa_t hi, struct placed_file *ret,
		 struct err *e)
{
	const struct load_request *req = p->req;
	struct place_want want = {
		.what = "the initrd",
		.align = PAGE_4K,
		.lo = LAYOUT_HIGH,
		.hi = hi,
		.top_down = true,
	};
	gpa_t base, at;
	int rc;

	*ret = (struct placed_file){ .file = &req->initrd[0] };
	for (unsigned int i = 0; i < req->initrds; i++) {
		const struct image *img = req->initrd[i].image;

		/* No room is that large, so sums of these do not wrap. */
		if (img->size > LAYOUT_END)
			return err_set(e, -ENOEXEC, "%s: is larger than 4 GiB",
				       img->name);
		want.size = round_up(want.size, 4) + img->size;
	}
	if (want.size == 0)
		return 0;
	rc = place_find(p, &want, &base, e);
	if (rc)
		return rc;
	at = base;
	for (unsigned int i = 0; i < req->initrds; i++) {
		const struct image *img = req->initrd[i].image;

		at = round_up(at, 4);
		rc = image_load(img, 0, img->size, req->mem, at, e);
		if (rc)
			return rc;
		at += img->size;
	}
	ret->gpa = base;
	ret->size = want.size;
	return 0;
}
