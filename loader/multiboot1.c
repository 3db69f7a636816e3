// SPDX-License-Identifier: Apache-2.0
// Boot protocol: Multiboot 0.6.96.
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "loader/layout.h"
#include "loader/multiboot.h"

/* Header, 3.1 */
#define HEADER_SEARCH  8192
#define HEADER_MAGIC   0x1badb002
#define HEADER_ALIGN   0x00001u /* modules on pages: always so */
#define HEADER_MEMORY  0x00002u /* memory map: always there */
#define HEADER_VIDEO   0x00004u /* a text screen is what there is */
#define HEADER_ADDRESS 0x10000u
/* The lower half of the flags is what a loader must refuse not to know. */
#define HEADER_MUST  0x0ffffu
#define HEADER_KNOWN (HEADER_ALIGN | HEADER_MEMORY | HEADER_VIDEO)

/* Machine state and information, 3.2 and 3.3 */
#define BOOT_MAGIC       0x2badb002
#define INFO_MEMORY      0x00001u
#define INFO_CMDLINE     0x00004u
#define INFO_MODULES     0x00008u
#define INFO_MAP         0x00040u
#define INFO_LOADER_NAME 0x00200u
#define INFO_FRAMEBUFFER 0x01000u
#define FRAMEBUFFER_TEXT 2

struct header {
	uint32_t magic;
	uint32_t flags;
	uint32_t checksum;
	struct multiboot_fields address;
	uint32_t entry_addr;
};

#define HEADER_SHORT offsetof(struct header, address)

struct info {
	uint32_t flags;
	uint32_t mem_lower;
	uint32_t mem_upper;
	uint32_t boot_device;
	uint32_t cmdline;
	uint32_t mods_count;
	uint32_t mods_addr;
	uint32_t syms[4];
	uint32_t mmap_length;
	uint32_t mmap_addr;
	uint32_t drives_length;
	uint32_t drives_addr;
	uint32_t config_table;
	uint32_t boot_loader_name;
	uint32_t apm_table;
	uint32_t vbe[4];
	uint64_t framebuffer_addr;
	uint32_t framebuffer_pitch;
	uint32_t framebuffer_width;
	uint32_t framebuffer_height;
	uint8_t framebuffer_bpp;
	uint8_t framebuffer_type;
	uint8_t color_info[6];
	uint32_t padding;
};

struct module {
	uint32_t start;
	uint32_t end;
	uint32_t string;
	uint32_t reserved;
};

struct map_entry {
	uint32_t size;
	uint64_t addr;
	uint64_t len;
	uint32_t type;
} __attribute__((packed));

_Static_assert(offsetof(struct info, framebuffer_addr) == 88, "3.3");
_Static_assert(sizeof(struct map_entry) == 24, "3.3");

/** struct found - a header and what it asks for
 * @offset: in the file
 * @header: a copy
 * @flat: by the address fields, which win over ELF
 * @address: where to, when @flat
 */
struct found {
	size_t offset;
	struct header header;
	bool flat;
	struct multiboot_addresses address;
};

/* Anywhere in the file's head, so that a header too far back can be named. */
static bool search(const struct image *img, struct found *ret)
{
	for (size_t at = 0; at + HEADER_SHORT <= img->head_size; at += 4) {
		struct header *h = &ret->header;
		size_t have = img->head_size - at;

		memset(h, 0, sizeof(*h));
		memcpy(h, img->head + at,
		       have < sizeof(*h) ? have : sizeof(*h));
		if (h->magic != HEADER_MAGIC ||
		    h->magic + h->flags + h->checksum != 0)
			continue;
		ret->offset = at;
		ret->flat = h->flags & HEADER_ADDRESS;
		return true;
	}
	return false;
}

static int find(const struct image *img, struct found *ret, struct err *e)
{
	struct header *h = &ret->header;
	size_t size;

	if (!search(img, ret))
		return err_set(e, -ENOENT, "no header in the first 8 KiB");
	size = ret->flat ? sizeof(*h) : HEADER_SHORT;
	if (ret->offset + size > HEADER_SEARCH ||
	    ret->offset + size > img->head_size)
		return err_set(e, -ENOEXEC,
			       "its header at 0x%zx is not all in the first "
			       "8 KiB of the file",
			       ret->offset);
	if (h->flags & HEADER_MUST & ~HEADER_KNOWN)
		return err_set(e, -ENOEXEC,
			       "its header at 0x%zx asks for features 0x%x, "
			       "which are not known here",
			       ret->offset,
			       h->flags & HEADER_MUST & ~HEADER_KNOWN);
	if (!ret->flat && !img->elf)
		return err_set(e, -ENOEXEC,
			       "its header at 0x%zx has no address fields, but "
			       "the file is not ELF",
			       ret->offset);
	if (!ret->flat)
		return 0;
	return multiboot_addresses(img, ret->offset, &h->address, &ret->address,
				   e);
}

static void multiboot1_probe(const struct image *img, struct probe *ret)
{
	struct found f;
	struct extent span;
	struct err e;
	int rc = find(img, &f, &e);

	if (rc == 0 && f.flat)
		span = (struct extent){ f.address.load,
					f.address.load + f.address.memsz };
	else if (rc == 0)
		rc = place_extent(img, &span, &e);
	if (rc) {
		probe_refuse(ret, &e);
		return;
	}
	probe_say(ret, PROBE_OFFERED, "header at 0x%zx, flags 0x%x, loaded %s",
		  f.offset, f.header.flags,
		  f.flat                ? "by its address fields"
		  : image_is_elf64(img) ? "as ELF64"
					: "as ELF32");
	ret->lo = span.lo;
	ret->hi = span.hi;
}

static int put_modules(struct multiboot *mb, struct info *info, struct err *e)
{
	struct module list[MULTIBOOT_FILES_MAX];
	gpa_t at;
	int rc;

	for (unsigned int i = 0; i < mb->files; i++) {
		const struct placed_file *f = &mb->file[i];

		rc = handover_put_words(&mb->h, f->file->image, "",
					f->file->cmdline, &at, e);
		if (rc)
			return rc;
		list[i] = (struct module){ .start = (uint32_t)f->gpa,
					   .end = (uint32_t)(f->gpa + f->size),
					   .string = (uint32_t)at };
	}
	rc = handover_put(&mb->h, list, mb->files * sizeof(list[0]), &at, e);
	info->mods_count = mb->files;
	info->mods_addr = (uint32_t)at;
	return rc;
}

static int put_map(struct multiboot *mb, const struct board *board,
		   struct info *info, struct err *e)
{
	struct map_entry map[BOARD_RANGES_MAX];
	gpa_t at;
	int rc;

	for (unsigned int i = 0; i < board->ranges; i++) {
		const struct board_range *r = &board->range[i];

		map[i] = (struct map_entry){ .size = sizeof(map[i]) - 4,
					     .addr = r->gpa,
					     .len = r->size,
					     .type = r->type };
		if (r->type == RANGE_RAM && r->gpa == 0)
			info->mem_lower = (uint32_t)(r->size >> 10);
		if (r->type == RANGE_RAM && r->gpa == LAYOUT_HIGH)
			info->mem_upper = (uint32_t)(r->size >> 10);
	}
	info->mmap_length = (uint32_t)(board->ranges * sizeof(map[0]));
	rc = handover_put(&mb->h, map, info->mmap_length, &at, e);
	info->mmap_addr = (uint32_t)at;
	return rc;
}

static int put_strings(struct multiboot *mb, const struct image *img,
		       const char *cmdline, struct info *info, struct err *e)
{
	gpa_t line = 0, name = 0;
	int rc = handover_put_words(&mb->h, img, mb->words, cmdline, &line, e);

	if (rc == 0)
		rc = handover_put_words(&mb->h, NULL, "", MULTIBOOT_LOADER_NAME,
					&name, e);
	info->cmdline = (uint32_t)line;
	info->boot_loader_name = (uint32_t)name;
	return rc;
}

static int put_info(struct multiboot *mb, const struct image *img,
		    const struct load_request *req, gpa_t *ret, struct err *e)
{
	struct info info = {
		.flags = INFO_MEMORY | INFO_CMDLINE | INFO_MODULES | INFO_MAP |
			 INFO_LOADER_NAME | INFO_FRAMEBUFFER,
		.framebuffer_addr = MULTIBOOT_TEXT_GPA,
		.framebuffer_pitch = MULTIBOOT_TEXT_WIDTH * 2,
		.framebuffer_width = MULTIBOOT_TEXT_WIDTH,
		.framebuffer_height = MULTIBOOT_TEXT_HEIGHT,
		.framebuffer_bpp = 16,
		.framebuffer_type = FRAMEBUFFER_TEXT,
	};
	int rc = put_modules(mb, &info, e);

	if (rc == 0)
		rc = put_map(mb, req->board, &info, e);
	if (rc == 0)
		rc = put_strings(mb, img, req->cmdline, &info, e);
	return rc ? rc : handover_put(&mb->h, &info, sizeof(info), ret, e);
}

static int multiboot1_load(const struct image *img,
			   const struct load_request *req, struct loaded *ret,
			   struct err *e)
{
	struct multiboot mb;
	struct found f;
	gpa_t entry, info = 0;
	int rc = find(img, &f, e);

	if (rc)
		return err_wrap(e, "%s", img->name);
	entry = f.header.entry_addr;
	if (!f.flat)
		rc = place_entry(img, image_entry(img), &entry, e);
	if (rc == 0)
		rc = multiboot_load(&mb, img, req, f.flat ? &f.address : NULL,
				    0, e);
	if (rc == 0)
		rc = put_info(&mb, img, req, &info, e);
	if (rc)
		return rc;
	*ret = (struct loaded){ .slide = 0 };
	handover_enter32(&mb.h, entry, &ret->entry);
	ret->entry.rax = BOOT_MAGIC;
	ret->entry.rbx = info;
	return 0;
}

const struct protocol protocol_multiboot1 = {
	.name = "multiboot1",
	.title = "Multiboot",
	.probe = multiboot1_probe,
	.load = multiboot1_load,
};
