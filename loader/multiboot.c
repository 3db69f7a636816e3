// SPDX-License-Identifier: Apache-2.0
// What multiboot 1 and 2 share.
#include "loader/multiboot.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/*
 * Xen calls the BIOS, which does not exist here, unless it is told not to. An
 * image that knows this word gets it.
 */
static const char no_bios[] = "no-real-mode";

int multiboot_addresses(const struct image *img, uint64_t header,
			const struct multiboot_fields *f,
			struct multiboot_addresses *ret, struct err *e)
{
	uint64_t offset, filesz, memsz;
	bool from_start = f->load_addr == UINT32_MAX; /* Multiboot2 3.1.6 */
	uint64_t load = from_start ? f->header_addr - header : f->load_addr;

	/* Nautilus leaves its header out: GRUB lets it begin behind. */
	offset = header + load - f->header_addr;
	if (load > UINT32_MAX || offset >= img->size)
		return err_set(
			e, -ENOEXEC,
			"%s: its address fields put the header (0x%" PRIx32
			") and the image (0x%" PRIx32
			") where the file cannot have them",
			img->name, f->header_addr, f->load_addr);
	filesz =
		f->load_end_addr ? f->load_end_addr - load : img->size - offset;
	if (f->load_end_addr && f->load_end_addr < load)
		filesz = UINT64_MAX;
	if (filesz > img->size - offset)
		return err_set(e, -ENOEXEC,
			       "%s: its address fields end at 0x%" PRIx32
			       ", behind the end of the file",
			       img->name, f->load_end_addr);
	memsz = f->bss_end_addr ? f->bss_end_addr - load : filesz;
	if (f->bss_end_addr && (f->bss_end_addr < load || memsz < filesz))
		return err_set(e, -ENOEXEC,
			       "%s: its address fields end the bss (0x%" PRIx32
			       ") before the data",
			       img->name, f->bss_end_addr);
	*ret = (struct multiboot_addresses){
		.offset = offset, .filesz = filesz, .load = load, .memsz = memsz
	};
	return 0;
}

static int place(struct place *p, const struct image *img,
		 const struct multiboot_addresses *a, uint64_t slide,
		 struct err *e)
{
	int rc;

	if (!a)
		return place_elf(p, img, slide, e);
	rc = place_image(p, a->load + slide, a->memsz, e);
	if (rc)
		return err_wrap(e, "%s", img->name);
	return image_load(img, a->offset, a->filesz, p->req->mem,
			  a->load + slide, e);
}

/* Does the image, all that is placed so far, hold this word? */
static bool knows_word(const struct place *p, const struct image *img,
		       const char *word)
{
	for (unsigned int i = 0; i < p->count; i++) {
		uint64_t size = p->taken[i].hi - p->taken[i].lo;
		const void *bytes;

		/* What the file did not fill, .bss, stays untouched. */
		if (size > img->size)
			size = img->size;
		bytes = gmem_ptr(p->req->mem, p->taken[i].lo, size);
		if (bytes && memmem(bytes, size, word, strlen(word)))
			return true;
	}
	return false;
}

int multiboot_load(struct multiboot *mb, const struct image *img,
		   const struct load_request *req,
		   const struct multiboot_addresses *a, uint64_t slide,
		   struct err *e)
{
	int rc;

	*mb = (struct multiboot){ .place = { .req = req }, .words = "" };
	rc = place(&mb->place, img, a, slide, e);
	if (rc)
		return rc;
	if (!strstr(req->cmdline, no_bios) &&
	    knows_word(&mb->place, img, no_bios))
		mb->words = no_bios;
	rc = place_modules(&mb->place, true, mb->file, &mb->files, e);
	return rc ? rc : handover_init(&mb->h, &mb->place, e);
}
