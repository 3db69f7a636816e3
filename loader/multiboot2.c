// SPDX-License-Identifier: Apache-2.0
// Boot protocol: Multiboot2 2.0, i386 entry.
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "loader/layout.h"
#include "loader/multiboot2.h"

/* Machine state, 3.2 */
#define BOOT_MAGIC 0x36d76289

/* Tags of the boot information, 3.6, as far as they are made here */
#define TAG_END          0
#define TAG_CMDLINE      1
#define TAG_LOADER_NAME  2
#define TAG_MODULE       3
#define TAG_MEMORY       4
#define TAG_MAP          6
#define TAG_FRAMEBUFFER  8
#define TAG_RSDP_OLD     14
#define TAG_RSDP_NEW     15
#define TAG_LOAD_BASE    21
#define FRAMEBUFFER_TEXT 2

/* ACPI 6.4, 5.2.5.3: the root pointer of ACPI 1.0 and the one since 2.0 */
#define RSDP_OLD_SIZE     20
#define RSDP_NEW_SIZE     36
#define RSDP_REVISION     15
#define RSDP_RSDT_ADDRESS 16

struct tag {
	uint32_t type;
	uint32_t size;
};

struct map_entry {
	uint64_t addr;
	uint64_t len;
	uint32_t type;
	uint32_t zero;
};

/* Append a tag; the next one follows at a multiple of 8 by itself. */
static int put_tag(struct handover *h, uint32_t type, const void *body,
		   uint32_t size, struct err *e)
{
	struct tag tag = { type, (uint32_t)sizeof(tag) + size };
	gpa_t at;
	int rc = handover_put(h, NULL, sizeof(tag) + size, &at, e);
	const struct gmem *mem = h->place->req->mem;

	if (rc)
		return rc;
	if (gmem_write(mem, at, &tag, sizeof(tag)) != 0 ||
	    gmem_write(mem, at + sizeof(tag), body, size) != 0)
		return err_set(e, -ENOEXEC, "boot data is not in memory");
	return 0;
}

/** struct words - a string behind a fixed part
 * @fixed: bytes between the tag's head and the string
 * @fixed_size: a multiple of 8
 * @img: file name in front, or NULL
 * @more: see handover_put_words()
 * @words: see handover_put_words()
 */
struct words {
	const void *fixed;
	uint32_t fixed_size;
	const struct image *img;
	const char *more;
	const char *words;
};

static int put_words_tag(struct handover *h, uint32_t type,
			 const struct words *w, struct err *e)
{
	struct tag tag = { .type = type };
	gpa_t at, string;
	int rc = put_tag(h, type, w->fixed, w->fixed_size, e);

	if (rc)
		return rc;
	at = h->info + h->used - w->fixed_size - sizeof(tag);
	rc = handover_put_words(h, w->img, w->more, w->words, &string, e);
	if (rc)
		return rc;
	tag.size = (uint32_t)(h->info + h->used - at);
	return gmem_write(h->place->req->mem, at, &tag, sizeof(tag));
}

static int put_strings(struct multiboot *mb, const struct image *img,
		       const char *cmdline, struct err *e)
{
	struct words line = { .img = img, .more = mb->words, .words = cmdline };
	struct words name = { .more = "", .words = MULTIBOOT_LOADER_NAME };
	int rc;

	line.fixed = name.fixed = ""; /* none, but memcpy() wants an address */
	rc = put_words_tag(&mb->h, TAG_CMDLINE, &line, e);
	return rc ? rc : put_words_tag(&mb->h, TAG_LOADER_NAME, &name, e);
}

static int put_modules(struct multiboot *mb, struct err *e)
{
	int rc = 0;

	for (unsigned int i = 0; i < mb->files && rc == 0; i++) {
		const struct placed_file *f = &mb->file[i];
		uint32_t range[2] = { (uint32_t)f->gpa,
				      (uint32_t)(f->gpa + f->size) };
		struct words w = { .fixed = range,
				   .fixed_size = sizeof(range),
				   .img = f->file->image,
				   .more = "",
				   .words = f->file->cmdline };

		rc = put_words_tag(&mb->h, TAG_MODULE, &w, e);
	}
	return rc;
}

static int put_memory(struct handover *h, const struct board *board,
		      struct err *e)
{
	struct {
		uint32_t entry_size;
		uint32_t entry_version;
		struct map_entry entry[BOARD_RANGES_MAX];
	} map = { .entry_size = sizeof(struct map_entry) };
	uint32_t kib[2] = { 0, 0 };
	int rc;

	for (unsigned int i = 0; i < board->ranges; i++) {
		const struct board_range *r = &board->range[i];

		map.entry[i] =
			(struct map_entry){ r->gpa, r->size, r->type, 0 };
		if (r->type == RANGE_RAM && r->gpa == 0)
			kib[0] = (uint32_t)(r->size >> 10);
		if (r->type == RANGE_RAM && r->gpa == LAYOUT_HIGH)
			kib[1] = (uint32_t)(r->size >> 10);
	}
	rc = put_tag(h, TAG_MEMORY, kib, sizeof(kib), e);
	if (rc)
		return rc;
	return put_tag(h, TAG_MAP, &map,
		       (uint32_t)(8 + board->ranges * sizeof(map.entry[0])), e);
}

static int put_screen(struct handover *h, struct err *e)
{
	struct {
		uint64_t addr;
		uint32_t pitch;
		uint32_t width;
		uint32_t height;
		uint8_t bpp;
		uint8_t type;
		uint16_t reserved;
	} screen = { .addr = MULTIBOOT_TEXT_GPA,
		     .pitch = MULTIBOOT_TEXT_WIDTH * 2,
		     .width = MULTIBOOT_TEXT_WIDTH,
		     .height = MULTIBOOT_TEXT_HEIGHT,
		     .bpp = 16,
		     .type = FRAMEBUFFER_TEXT };

	return put_tag(h, TAG_FRAMEBUFFER, &screen, sizeof(screen), e);
}

/* Copies of the root pointer; the old one only where it has an RSDT to name. */
static int put_rsdp(struct handover *h, gpa_t gpa, struct err *e)
{
	const struct gmem *mem = h->place->req->mem;
	uint8_t rsdp[RSDP_NEW_SIZE];
	uint32_t rsdt;
	int rc = 0;

	if (!gpa || gmem_read(mem, gpa, rsdp, sizeof(rsdp)) != 0 ||
	    memcmp(rsdp, "RSD PTR ", 8) != 0)
		return 0;
	memcpy(&rsdt, rsdp + RSDP_RSDT_ADDRESS, sizeof(rsdt));
	if (rsdt)
		rc = put_tag(h, TAG_RSDP_OLD, rsdp, RSDP_OLD_SIZE, e);
	if (rc == 0 && rsdp[RSDP_REVISION] >= 2)
		rc = put_tag(h, TAG_RSDP_NEW, rsdp, RSDP_NEW_SIZE, e);
	return rc;
}

static int put_info(struct multiboot *mb, const struct image *img,
		    const struct load_request *req, const uint32_t *base,
		    struct err *e)
{
	struct handover *h = &mb->h;
	int rc = put_strings(mb, img, req->cmdline, e);

	if (rc == 0)
		rc = put_modules(mb, e);
	if (rc == 0)
		rc = put_memory(h, req->board, e);
	if (rc == 0)
		rc = put_screen(h, e);
	if (rc == 0)
		rc = put_rsdp(h, req->board->rsdp, e);
	if (rc == 0 && base)
		rc = put_tag(h, TAG_LOAD_BASE, base, sizeof(*base), e);
	return rc ? rc : put_tag(h, TAG_END, "", 0, e);
}

/* The whole boot information: total size first, then the tags. */
static int put_all(struct multiboot *mb, const struct image *img,
		   const struct load_request *req, const uint32_t *base,
		   gpa_t *ret, struct err *e)
{
	uint32_t head[2] = { 0, 0 };
	int rc = handover_put(&mb->h, head, sizeof(head), ret, e);

	if (rc == 0)
		rc = put_info(mb, img, req, base, e);
	if (rc)
		return rc;
	head[0] = (uint32_t)(mb->h.info + mb->h.used - *ret);
	return gmem_write(req->mem, *ret, head, sizeof(head));
}

/* Where the image goes: as linked if that is allowed, else where it fits. */
static int choose_base(const struct load_request *req,
		       const struct multiboot2 *m, gpa_t *ret, struct err *e)
{
	struct place empty = { .req = req };
	struct place_want want = {
		.what = "the relocatable image",
		.size = m->span.hi - m->span.lo,
		.align = m->align,
		.prefer = m->highest ? 0 : m->span.lo,
		.lo = m->min_addr,
		.hi = m->max_addr,
		.top_down = m->highest,
	};

	*ret = m->span.lo;
	if (!m->relocatable)
		return 0;
	if (want.lo < LAYOUT_HIGH && m->span.lo >= LAYOUT_HIGH)
		want.lo = LAYOUT_HIGH;
	return place_find(&empty, &want, ret, e);
}

static void multiboot2_probe(const struct image *img, struct probe *ret)
{
	struct multiboot2 m;
	struct err e;
	int rc = multiboot2_find(img, &m, &e);

	if (rc) {
		probe_refuse(ret, &e);
		return;
	}
	probe_say(ret, PROBE_OFFERED, "header at 0x%zx, loaded %s%s", m.offset,
		  m.flat                ? "by its address tag"
		  : image_is_elf64(img) ? "as ELF64"
					: "as ELF32",
		  m.relocatable ? ", relocatable" : "");
	ret->lo = m.span.lo;
	ret->hi = m.span.hi;
	ret->relocatable = m.relocatable;
}

static int multiboot2_load(const struct image *img,
			   const struct load_request *req, struct loaded *ret,
			   struct err *e)
{
	struct multiboot2 m;
	struct multiboot mb;
	gpa_t entry, base = 0, info = 0;
	uint32_t base32;
	int rc = multiboot2_find(img, &m, e);

	if (rc)
		return err_wrap(e, "%s", img->name);
	entry = m.entry_addr;
	if (!m.has_entry)
		rc = place_entry(img, image_entry(img), &entry, e);
	if (rc == 0)
		rc = choose_base(req, &m, &base, e);
	if (rc == 0)
		rc = multiboot_load(&mb, img, req, m.flat ? &m.address : NULL,
				    base - m.span.lo, e);
	if (rc)
		return rc;
	base32 = (uint32_t)base;
	rc = put_all(&mb, img, req, m.relocatable ? &base32 : NULL, &info, e);
	if (rc)
		return rc;
	*ret = (struct loaded){ .slide = base - m.span.lo };
	handover_enter32(&mb.h, entry + ret->slide, &ret->entry);
	ret->entry.rax = BOOT_MAGIC;
	ret->entry.rbx = info;
	return 0;
}

const struct protocol protocol_multiboot2 = {
	.name = "multiboot2",
	.title = "Multiboot2",
	.probe = multiboot2_probe,
	.load = multiboot2_load,
};
