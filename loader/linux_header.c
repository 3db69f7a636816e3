// SPDX-License-Identifier: Apache-2.0
// What a Linux image says of itself: its setup header, or its ELF headers.
#include "loader/linux_header.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "contract/dive/note.h"
#include "loader/layout.h"

#define HEADER_OFFSET offsetof(struct boot_params, hdr)
#define HEADER_MAGIC  0x53726448 /* "HdrS" */
#define BOOT_FLAG     0xaa55
#define SECTOR        512u
#define SECTORS_OLD   4 /* setup_sects 0 means this */
#define CODE_HIGH     0x100000u
/* What a kernel that does not say needs beside its file: as GRUB assumes. */
#define GROWTH_OLD 3u
/* What an ELF image without a header of its own takes, with the NUL. */
#define ELF_CMDLINE_SIZE 2048
#define ELF_INITRD_MAX   0x7fffffff

/* Versions that brought the fields used here. */
#define VERSION_CMDLINE 0x0202
#define VERSION_INITRD  0x0203
#define VERSION_SYSSIZE 0x0204 /* 32 bits of it */
#define VERSION_MOVES   0x0205
#define VERSION_SIZE    0x0206 /* of the command line */
#define VERSION_PREFERS 0x020a
#define VERSION_64      0x020c
#define VERSION_NEW     0x020f

_Static_assert(sizeof(struct boot_params) == 4096, "zero page");

/* --- bzImage ---------------------------------------------------------------*/

static int check_version(const struct setup_header *h, struct err *e)
{
	if (!(h->loadflags & LOADED_HIGH))
		return err_set(e, -ENOEXEC,
			       "it is a zImage, which only a BIOS can start");
	if (h->code32_start == 0)
		return err_set(e, -ENOEXEC,
			       "it has nothing but a 16-bit entry (protocol "
			       "%d.%02d, code32_start 0): it needs BIOS "
			       "services, which do not exist here",
			       h->version >> 8, h->version & 0xff);
	if (h->version < VERSION_CMDLINE)
		return err_set(e, -ENOEXEC,
			       "it speaks protocol %d.%02d; 2.02 is the oldest "
			       "that needs no BIOS",
			       h->version >> 8, h->version & 0xff);
	return 0;
}

/* Behind its own end, and behind its version, a header is something else. */
static void complete_header(struct setup_header *h, uint64_t code_size)
{
	uint64_t size = 0x202u + (h->jump >> 8) - HEADER_OFFSET;

	if (size < sizeof(*h))
		memset((uint8_t *)h + size, 0, sizeof(*h) - size);
	if (h->version < VERSION_INITRD)
		h->initrd_addr_max = 0x37ffffff;
	if (h->version < VERSION_SYSSIZE)
		h->syssize = (uint32_t)((code_size + 15) / 16);
	if (h->version < VERSION_MOVES) {
		h->kernel_alignment = 0;
		h->relocatable_kernel = 0;
	}
	if (h->version < VERSION_SIZE)
		h->cmdline_size = 255;
	if (h->version < VERSION_PREFERS) {
		h->pref_address = CODE_HIGH;
		h->init_size = h->syssize < UINT32_MAX / 16 / GROWTH_OLD
				       ? h->syssize * 16 * GROWTH_OLD
				       : UINT32_MAX;
	}
	if (h->version < VERSION_64)
		h->xloadflags = 0;
}

static int read_bzimage(const struct image *img, struct linux_image *k,
			struct err *e)
{
	struct setup_header *h = &k->hdr;
	uint64_t size, room;

	k->offset =
		(1u + (h->setup_sects ? h->setup_sects : SECTORS_OLD)) * SECTOR;
	if (k->offset >= img->size)
		return err_set(e, -ENOEXEC,
			       "it is cut off: no code behind its "
			       "setup sectors");
	room = img->size - k->offset;
	complete_header(h, room);
	k->is_32 = !(h->xloadflags & XLF_KERNEL_64);
	k->filesz = (uint64_t)h->syssize * 16;
	if (k->filesz > room + 15 || k->filesz <= LINUX_ENTRY_64)
		return err_set(e, -ENOEXEC,
			       "it is cut off: 0x%" PRIx64
			       " bytes of code are announced, 0x%" PRIx64
			       " are there",
			       k->filesz, room);
	if (k->filesz > room)
		k->filesz = room;
	size = h->init_size > k->filesz ? h->init_size : k->filesz;
	if (h->pref_address >= LAYOUT_END ||
	    (h->kernel_alignment & (h->kernel_alignment - 1)))
		return err_set(e, -ENOEXEC,
			       "its header is damaged (pref_address 0x%" PRIx64
			       ", alignment 0x%x)",
			       (uint64_t)h->pref_address, h->kernel_alignment);
	k->span.lo = h->pref_address;
	k->span.hi = h->pref_address + size;
	return 0;
}

/* --- ELF without a header of its own -----------------------------------------*/

/* The entry of an image with a multiboot header is not Linux' entry. */
static bool has_multiboot(const struct image *img)
{
	for (size_t at = 0; at + 16 <= img->head_size; at += 4) {
		uint32_t v[4];

		memcpy(v, img->head + at, sizeof(v));
		if ((v[0] == 0x1badb002 && v[0] + v[1] + v[2] == 0) ||
		    (v[0] == 0xe85250d6 && v[0] + v[1] + v[2] + v[3] == 0))
			return true;
	}
	return false;
}

/* Ordinary programs are ELF64 too: tell them by what only they have. */
static bool is_program(const struct image *img)
{
	uint32_t abi[4];

	if (image_note(img, ELF_NOTE_GNU, NT_GNU_ABI_TAG, abi, sizeof(abi)) >=
	    0)
		return true;
	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;

		if (image_segment(img, i, &s, NULL) == 0 && s.type == PT_INTERP)
			return true;
	}
	return false;
}

static int read_elf(const struct image *img, struct linux_image *k,
		    struct err *e)
{
	uint8_t note;
	gpa_t entry;
	int rc;

	if (!image_is_elf64(img))
		return err_set(e, -ENOENT, "no setup header, not ELF64");
	if (image_note(img, DIVE_NOTE_OWNER, DIVE_NOTE_TYPE, &note, 1) >= 0 ||
	    has_multiboot(img))
		return err_set(e, -ENOENT,
			       "no setup header, its ELF entry is for another "
			       "protocol");
	if (is_program(img))
		return err_set(e, -ENOEXEC,
			       "it is a program for Linux, not a kernel");
	rc = place_entry(img, image_entry(img), &entry, e);
	if (rc == 0)
		rc = place_extent(img, &k->span, e);
	k->is_elf = true;
	k->hdr = (struct setup_header){
		.boot_flag = BOOT_FLAG,
		.header = HEADER_MAGIC,
		.version = VERSION_NEW,
		.loadflags = LOADED_HIGH,
		.xloadflags = XLF_KERNEL_64,
		.initrd_addr_max = ELF_INITRD_MAX,
		.kernel_alignment = 0x1000000,
		.cmdline_size = ELF_CMDLINE_SIZE - 1,
		.pref_address = k->span.lo,
	};
	return rc;
}

/* --- both --------------------------------------------------------------------*/

int linux_image_read(const struct image *img, struct linux_image *k,
		     struct err *e)
{
	int rc;

	memset(k, 0, sizeof(*k));
	if (img->elf || img->head_size < HEADER_OFFSET + sizeof(k->hdr))
		return read_elf(img, k, e);
	memcpy(&k->hdr, img->head + HEADER_OFFSET, sizeof(k->hdr));
	if (k->hdr.boot_flag != BOOT_FLAG || k->hdr.header != HEADER_MAGIC)
		return err_set(e, -ENOENT, "no setup header, not ELF64");
	rc = check_version(&k->hdr, e);
	return rc ? rc : read_bzimage(img, k, e);
}
