// SPDX-License-Identifier: Apache-2.0
// The multiboot2 header of an image (Multiboot2 3.1).
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "loader/layout.h"
#include "loader/multiboot2.h"

#define HEADER_MAGIC 0xe85250d6
#define ARCH_I386    0

/* Header tags, 3.1.3 */
#define TAG_END          0
#define TAG_REQUEST      1
#define TAG_ADDRESS      2
#define TAG_ENTRY        3
#define TAG_CONSOLE      4 /* a text console is there */
#define TAG_FRAMEBUFFER  5 /* a wish; the text screen is offered */
#define TAG_MODULE_ALIGN 6 /* always so */
#define TAG_EFI_BOOT     7 /* what it could do under EFI */
#define TAG_EFI_ENTRY32  8 /* see there */
#define TAG_EFI_ENTRY64  9 /* see there */
#define TAG_RELOCATABLE  10
#define TAG_OPTIONAL     1u /* in flags */
#define PREFER_HIGHEST   2

struct header {
	uint32_t magic;
	uint32_t architecture;
	uint32_t header_length;
	uint32_t checksum;
};

struct tag {
	uint16_t type;
	uint16_t flags;
	uint32_t size;
};

/* Boot information that can be asked for, 3.6; the named are not made here. */
static const char *const info_missing[] = {
	[5] = "a BIOS boot device",
	[7] = "VBE modes",
	[9] = "ELF sections",
	[10] = "an APM table",
	[11] = "an EFI32 system table",
	[12] = "an EFI64 system table",
	[13] = "SMBIOS tables",
	[16] = "a DHCP answer",
	[17] = "an EFI memory map",
	[18] = "EFI boot services",
	[19] = "an EFI32 image handle",
	[20] = "an EFI64 image handle",
	[21] = NULL, /* load base address */
};

/** struct reader - one tag under the reader's eyes
 * @img: image
 * @tag: its head
 * @body: behind the head; @size bytes are readable
 * @size: bytes
 * @fields: address tag, checked when all tags were seen
 */
struct reader {
	const struct image *img;
	struct tag tag;
	const uint8_t *body;
	size_t size;
	struct multiboot_fields fields;
};

static int read_request(const struct reader *r, struct err *e)
{
	const size_t known = sizeof(info_missing) / sizeof(info_missing[0]);

	if (r->tag.flags & TAG_OPTIONAL)
		return 0;
	for (size_t at = 0; at + 4 <= r->size; at += 4) {
		uint32_t type;

		memcpy(&type, r->body + at, sizeof(type));
		if (type >= known || info_missing[type])
			return err_set(
				e, -ENOEXEC,
				"its header requires information %" PRIu32
				" (%s), which does not exist here",
				type,
				type < known ? info_missing[type] : "unknown");
	}
	return 0;
}

static int read_relocatable(const struct reader *r, struct multiboot2 *ret,
			    struct err *e)
{
	uint32_t v[4]; /* min_addr, max_addr, align, preference */

	memcpy(v, r->body, sizeof(v));
	if (v[2] == 0)
		v[2] = 1;
	if (v[2] & (v[2] - 1))
		return err_set(e, -ENOEXEC,
			       "its header wants alignment 0x%" PRIx32
			       ", not a power of two",
			       v[2]);
	ret->relocatable = true;
	ret->min_addr = v[0];
	ret->max_addr = v[1];
	ret->align = v[2];
	ret->highest = v[3] == PREFER_HIGHEST;
	return 0;
}

/* Bytes of a tag that must be there behind its head. */
static size_t body_size(uint16_t type)
{
	switch (type) {
	case TAG_ADDRESS:
	case TAG_RELOCATABLE:
		return 16;
	case TAG_ENTRY:
		return 4;
	default:
		return 0;
	}
}

static int read_tag(struct reader *r, struct multiboot2 *ret, struct err *e)
{
	if (r->size < body_size(r->tag.type))
		return err_set(e, -ENOEXEC,
			       "its header has a tag %u of %" PRIu32
			       " bytes, too few",
			       r->tag.type, r->tag.size);
	switch (r->tag.type) {
	case TAG_REQUEST:
		return read_request(r, e);
	case TAG_ADDRESS:
		memcpy(&r->fields, r->body, sizeof(r->fields));
		ret->flat = true;
		return 0;
	case TAG_ENTRY:
		memcpy(&ret->entry_addr, r->body, sizeof(ret->entry_addr));
		ret->has_entry = true;
		return 0;
	case TAG_RELOCATABLE:
		return read_relocatable(r, ret, e);
	case TAG_CONSOLE:
	case TAG_FRAMEBUFFER:
	case TAG_MODULE_ALIGN:
	case TAG_EFI_BOOT:
	case TAG_EFI_ENTRY32:
	case TAG_EFI_ENTRY64:
		return 0;
	default:
		if (r->tag.flags & TAG_OPTIONAL)
			return 0;
		return err_set(e, -ENOEXEC,
			       "its header requires tag %u, which is not known "
			       "here",
			       r->tag.type);
	}
}

static int read_tags(struct reader *r, size_t at, size_t end,
		     struct multiboot2 *ret, struct err *e)
{
	while (at + sizeof(r->tag) <= end) {
		int rc;

		memcpy(&r->tag, r->img->head + at, sizeof(r->tag));
		if (r->tag.type == TAG_END)
			return 0;
		if (r->tag.size < sizeof(r->tag) || r->tag.size > end - at)
			break;
		r->body = r->img->head + at + sizeof(r->tag);
		r->size = r->tag.size - sizeof(r->tag);
		rc = read_tag(r, ret, e);
		if (rc)
			return rc;
		at += (r->tag.size + 7u) & ~(size_t)7;
	}
	return err_set(e, -ENOEXEC, "its header's tags are damaged at 0x%zx",
		       at);
}

/* The first header at a multiple of 8, plus @start. */
static bool search_from(const struct image *img, size_t start, size_t *ret_at,
			struct header *ret)
{
	for (size_t at = start; at + sizeof(*ret) <= img->head_size; at += 8) {
		memcpy(ret, img->head + at, sizeof(*ret));
		*ret_at = at;
		if (ret->magic == HEADER_MAGIC &&
		    ret->magic + ret->architecture + ret->header_length +
				    ret->checksum ==
			    0)
			return true;
	}
	return false;
}

static int search(const struct image *img, size_t *ret_at, struct header *ret,
		  struct err *e)
{
	size_t at;

	if (!search_from(img, 0, &at, ret)) {
		/* Name one at a wrong place. */
		if (!search_from(img, 4, &at, ret))
			return err_set(e, -ENOENT,
				       "no header in the first 32 KiB");
		return err_set(e, -ENOEXEC,
			       "its header at 0x%zx is not at a multiple of 8",
			       at);
	}
	if (ret->architecture != ARCH_I386)
		return err_set(e, -ENOEXEC,
			       "its header is for architecture %" PRIu32
			       ", not for i386",
			       ret->architecture);
	if (ret->header_length < sizeof(*ret) ||
	    ret->header_length > img->head_size - at)
		return err_set(e, -ENOEXEC,
			       "its header at 0x%zx is not all in the first "
			       "32 KiB of the file",
			       at);
	*ret_at = at;
	return 0;
}

int multiboot2_find(const struct image *img, struct multiboot2 *ret,
		    struct err *e)
{
	struct reader r = { .img = img };
	struct header h;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = search(img, &ret->offset, &h, e);
	if (rc == 0)
		rc = read_tags(&r, ret->offset + sizeof(h),
			       ret->offset + h.header_length, ret, e);
	if (rc)
		return rc;
	if (!ret->flat)
		return place_extent(img, &ret->span, e);
	if (!ret->has_entry)
		return err_set(e, -ENOEXEC,
			       "its header has an address tag without an entry "
			       "tag");
	rc = multiboot_addresses(img, ret->offset, &r.fields, &ret->address, e);
	ret->span = (struct extent){ ret->address.load,
				     ret->address.load + ret->address.memsz };
	return rc;
}
