// SPDX-License-Identifier: Apache-2.0
// Boot protocol: the kernel contract (contract/README.md).
#include "loader/contract.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/x86.h"
#include "contract/dive/control.h"
#include "contract/dive/note.h"
#include "contract/stub/stub.h"
#include "loader/contract_area.h"
#include "loader/fdt.h"

/* Where the image is linked, and where it goes. */
struct placement {
	struct dive_note note;
	gpa_t lo; /* lowest physical address, rounded down to note.align */
	gpa_t hi; /* end of the highest segment, rounded up to a page */
	uint64_t slide;
};

static int read_note(const struct image *img, struct dive_note *ret,
		     struct err *e)
{
	int size = image_note(img, DIVE_NOTE_OWNER, DIVE_NOTE_TYPE, ret,
			      sizeof(*ret));

	if (size < 0)
		return err_set(e, size, "no ELF note of owner \"%s\"",
			       DIVE_NOTE_OWNER);
	if (size != sizeof(*ret) || ret->version != DIVE_CONTRACT_VERSION)
		return err_set(e, -ENOEXEC,
			       "Diver note of contract version %" PRIu32
			       ", this Diver knows version %d",
			       size >= 4 ? ret->version : 0,
			       DIVE_CONTRACT_VERSION);
	if (ret->flags & ~(uint32_t)DIVE_NOTE_FLAGS)
		return err_set(e, -ENOEXEC,
			       "Diver note with flag 0x%x, which this Diver "
			       "does not know",
			       ret->flags & ~(uint32_t)DIVE_NOTE_FLAGS);
	if (ret->align < DIVE_LOAD_ALIGN || ret->align > 1ull << 40 ||
	    (ret->align & (ret->align - 1)))
		return err_set(e, -ENOEXEC,
			       "Diver note with alignment 0x%" PRIx64
			       ", not a power of two of at least 2 MiB",
			       ret->align);
	return 0;
}

static int check_virt_base(const struct dive_note *note, uint64_t span,
			   struct err *e)
{
	gva_t base = note->virt_base;
	gva_t end;

	if (!(note->flags & DIVE_NOTE_VIRT_BASE))
		return 0;
	if (base % DIVE_LOAD_ALIGN ||
	    __builtin_add_overflow(base, span, &end) ||
	    base < 0xffff800000000000ull)
		return err_set(e, -ENOEXEC,
			       "virt_base 0x%" PRIx64 " is not a 2 MiB aligned "
			       "address in the upper half",
			       base);
	return 0;
}

/* A page has one set of rights, so two segments must not share one. */
static int check_pages(const struct image *img, size_t count,
		       const struct segment *s, struct err *e)
{
	for (size_t i = 0; i < count && s->memsz; i++) {
		struct segment other;
		int rc = image_segment(img, i, &other, e);

		if (rc)
			return rc;
		if (other.type == PT_LOAD && other.memsz &&
		    round_down(s->paddr, PAGE_4K) <=
			    other.paddr + other.memsz - 1 &&
		    round_down(other.paddr, PAGE_4K) <= s->paddr + s->memsz - 1)
			return err_set(e, -ENOEXEC,
				       "segments %zu and %zu share a page: "
				       "align them to 4 KiB in the linker "
				       "script",
				       i, count);
	}
	return 0;
}

/* Extent of all PT_LOAD; virtual minus physical must be one constant. */
static int find_extent(const struct image *img, struct placement *p,
		       struct err *e)
{
	gva_t shift = 0;
	bool any = false;

	p->lo = UINT64_MAX;
	p->hi = 0;
	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;
		int rc = image_segment(img, i, &s, e);

		if (rc)
			return rc;
		if (s.type != PT_LOAD || s.memsz == 0)
			continue;
		rc = check_pages(img, i, &s, e);
		if (rc)
			return rc;
		if (any && s.vaddr - s.paddr != shift)
			return err_set(e, -ENOEXEC,
				       "segment %zu is linked at "
				       "another distance from its load "
				       "address than the first",
				       i);
		shift = s.vaddr - s.paddr;
		any = true;
		if (s.paddr < p->lo)
			p->lo = s.paddr;
		if (s.paddr + s.memsz > p->hi)
			p->hi = s.paddr + s.memsz;
	}
	if (!any)
		return err_set(e, -ENOEXEC, "no loadable segment");
	p->lo = round_down(p->lo, p->note.align);
	if (p->hi > UINT64_MAX - PAGE_4K)
		return err_set(e, -ENOEXEC, "a segment ends at 2^64");
	p->hi = round_up(p->hi, PAGE_4K);
	if (p->note.flags & DIVE_NOTE_VIRT_BASE
		    ? p->lo + shift != p->note.virt_base
		    : shift != 0)
		return err_set(e, -ENOEXEC,
			       "segments are not linked at the "
			       "address that the Diver note says");
	return check_virt_base(&p->note, p->hi - p->lo, e);
}

static int examine(const struct image *img, struct placement *p, struct err *e)
{
	int rc;

	if (!image_is_elf64(img))
		return err_set(e, -ENOENT, "not ELF64 for x86-64");
	rc = read_note(img, &p->note, e);
	return rc ? rc : find_extent(img, p, e);
}

static void contract_probe(const struct image *img, struct probe *ret)
{
	struct placement p;
	struct err e;

	if (examine(img, &p, &e) != 0) {
		probe_refuse(ret, &e);
		return;
	}
	probe_say(ret, PROBE_OFFERED,
		  "Diver note, contract version %" PRIu32 ", %s",
		  p.note.version,
		  p.note.flags & DIVE_NOTE_RELOCATABLE ? "relocatable"
						       : "fixed address");
	ret->relocatable = p.note.flags & DIVE_NOTE_RELOCATABLE;
	ret->lo = p.lo;
	ret->hi = p.hi;
}

/* Linked address if RAM has it, else the first that fits. */
static int place(struct placement *p, const struct load_request *req,
		 gpa_t limit, struct err *e)
{
	uint64_t span = p->hi - p->lo;

	if (p->lo != 0 && p->hi <= limit && gmem_ptr(req->mem, p->lo, span)) {
		p->slide = 0;
		return 0;
	}
	for (unsigned int i = 0; i < req->board->ranges; i++) {
		const struct board_range *r = &req->board->range[i];
		gpa_t at = round_up(r->gpa, p->note.align);
		gpa_t end = r->gpa + r->size < limit ? r->gpa + r->size : limit;

		if (r->type != RANGE_RAM ||
		    !(p->note.flags & DIVE_NOTE_RELOCATABLE))
			continue;
		if (at == 0)
			at = p->note.align; /* page 0 is never mapped */
		if (at < end && end - at >= span) {
			p->slide = at - p->lo;
			return 0;
		}
	}
	return err_set(e, -ENOEXEC,
		       "%s image of 0x%" PRIx64 " bytes linked at 0x%" PRIx64
		       " finds no place in memory below 0x%" PRIx64
		       ": give more with --mem",
		       p->note.flags & DIVE_NOTE_RELOCATABLE ? "relocatable"
							     : "fixed",
		       span, p->lo, limit);
}

/* The highest room below the area and above the image; 0 = there is none. */
static gpa_t initrd_room(const struct board *b, const struct board_range *image,
			 gpa_t limit, uint64_t size)
{
	for (unsigned int i = b->ranges; i-- > 0;) {
		const struct board_range *r = &b->range[i];
		gpa_t lo = r->gpa ? r->gpa : PAGE_4K; /* never page 0 */
		gpa_t hi = r->gpa + r->size < limit ? r->gpa + r->size : limit;

		if (r->type != RANGE_RAM)
			continue;
		if (image->gpa >= r->gpa && image->gpa - r->gpa < r->size)
			lo = image->gpa + image->size;
		if (lo < hi && size <= hi - lo)
			return round_down(hi - size, PAGE_4K);
	}
	return 0;
}

/* All initial RAM disks, one behind the other. */
static int load_initrds(const struct load_request *req,
			const struct board_range *image, gpa_t limit,
			struct board_range *ret, struct err *e)
{
	uint64_t total = 0;
	gpa_t at;

	/* Stops before the sum could wrap; sizes are below 2^63. */
	for (unsigned int i = 0; i < req->initrds && total <= limit; i++)
		total += round_up(req->initrd[i].image->size, 4);
	*ret = (struct board_range){ .type = RANGE_RESERVED };
	if (total == 0)
		return 0;
	at = initrd_room(req->board, image, limit, total);
	if (at == 0)
		return err_set(e, -ENOEXEC,
			       "initial RAM disks of %" PRIu64
			       " bytes do not fit: give more with --mem",
			       total);
	ret->gpa = at;
	for (unsigned int i = 0; i < req->initrds; i++) {
		const struct image *disk = req->initrd[i].image;
		int rc = image_load(disk, 0, disk->size, req->mem, at, e);

		if (rc)
			return rc;
		at += round_up(disk->size, 4);
	}
	ret->size = at - ret->gpa;
	return 0;
}

/* W^X and the rest as the program headers say (contract section 3). */
static int map_image(const struct image *img, const struct placement *p,
		     struct pagetable *pt, struct err *e)
{
	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;
		gpa_t from, to;
		uint64_t bits = PTE_P;
		int rc = image_segment(img, i, &s, e);

		if (rc)
			return rc;
		if (s.type != PT_LOAD || s.memsz == 0)
			continue;
		from = round_down(s.paddr + p->slide, PAGE_4K);
		to = round_up(s.paddr + p->slide + s.memsz, PAGE_4K);
		bits |= s.flags & PF_W ? PTE_W : 0;
		bits |= s.flags & PF_X ? 0 : PTE_NX;
		rc = pagetable_map(pt, from, from, to - from, bits, e);
		if (!rc && p->note.flags & DIVE_NOTE_VIRT_BASE)
			rc = pagetable_map(
				pt, from - p->slide - p->lo + p->note.virt_base,
				from, to - from, bits, e);
		if (rc)
			return rc;
	}
	return 0;
}

static void set_entry(const struct contract_area *area, gpa_t cr3,
		      struct loaded *ret)
{
	ret->entry = (struct entry_state){
		.mode = ENTRY_LONG64,
		.rip = area->readonly,
		.rsp = area->cpu_pages + CPU_PAGE_SIZE,
		.rdi = area->cpu_pages,
		.cr0 = DIVE_ENTRY_CR0,
		.cr3 = cr3,
		.cr4 = DIVE_ENTRY_CR4,
		.efer = DIVE_ENTRY_EFER,
		.cs = DIVE_SEL_CODE,
		.ds = DIVE_SEL_DATA,
		.gdt = area->cpu_pages + CPU_PAGE_GDT,
		.gdt_limit = 5 * 8 - 1,
	};
	ret->cpu_stride = CPU_PAGE_SIZE;
}

static int contract_load(const struct image *img,
			 const struct load_request *req, struct loaded *ret,
			 struct err *e)
{
	struct contract_area area;
	struct fdt_extra extra;
	struct pagetable pt;
	struct placement p;
	uint64_t entry;
	int rc = examine(img, &p, e);

	if (!rc && req->modules)
		rc = err_set(e, -ENOEXEC,
			     "a contract kernel takes no "
			     "modules: use --initrd");
	if (!rc)
		rc = contract_plan(req->board, &area, e);
	if (!rc)
		rc = place(&p, req, area.gpa, e);
	if (!rc)
		rc = load_segments(img, req->mem, p.slide, e);
	if (rc)
		return rc;
	extra.image = (struct board_range){ .gpa = p.lo + p.slide,
					    .size = p.hi - p.lo };
	rc = load_initrds(req, &extra.image, area.gpa, &extra.initrd, e);
	if (rc)
		return rc;
	entry = image_entry(img);
	if (!(p.note.flags & DIVE_NOTE_VIRT_BASE))
		entry += p.slide;
	contract_area_fill(req, &area, entry);
	rc = fdt_write(req, &area, &extra,
		       gmem_ptr(req->mem, area.fdt, FDT_SIZE_MAX), e);
	if (!rc)
		rc = pagetable_init(&pt, req->mem, area.tables,
				    area.tables_size, e);
	if (!rc)
		rc = contract_area_map(req, &area, &pt, e);
	if (!rc)
		rc = map_image(img, &p, &pt, e);
	if (rc)
		return rc;
	set_entry(&area, pt.root, ret);
	ret->slide = p.slide;
	if (p.note.flags & DIVE_NOTE_VIRT_BASE)
		ret->virt_base = p.note.virt_base;
	return 0;
}

const struct protocol protocol_contract = {
	.name = "contract",
	.title = "Diver kernel contract",
	.machine = MACHINE_LEAN,
	.probe = contract_probe,
	.load = contract_load,
};
