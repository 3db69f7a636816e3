// SPDX-License-Identifier: Apache-2.0
// Boot protocol: Linux/x86, 64-bit entry (Documentation/x86/boot.rst).
#include <asm/bootparam.h>
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "contract/dive/note.h"
#include "loader/handover.h"
#include "loader/layout.h"

#define HEADER_OFFSET offsetof(struct boot_params, hdr)
#define HEADER_MAGIC  0x53726448 /* "HdrS" */
#define BOOT_FLAG     0xaa55
#define LOADER_TYPE   0xff   /* none of the registered ones */
#define VERSION_64    0x020c /* xloadflags, and so the 64-bit entry */
#define VERSION_NEW   0x020f
#define ENTRY_64      0x200 /* behind the load address */
#define SECTOR        512u
#define SECTORS_OLD   4 /* setup_sects 0 means this */
/* What an ELF image without a header of its own takes, with the NUL. */
#define ELF_CMDLINE_SIZE 2048
#define ELF_INITRD_MAX   0x7fffffff

_Static_assert(sizeof(struct boot_params) == 4096, "zero page");
_Static_assert(offsetof(struct boot_params, acpi_rsdp_addr) == 0x70, "2.14");
_Static_assert(BOARD_RANGES_MAX <= E820_MAX_ENTRIES_ZEROPAGE, "e820");

/** struct kernel - how a Linux image is loaded
 * @hdr: setup header for boot_params
 * @is_elf: its segments say where; else the following
 * @offset: of the protected-mode part in the file
 * @filesz: bytes of it
 * @span: linked address and memory needed until it has its own tables
 */
struct kernel {
	struct setup_header hdr;
	bool is_elf;
	uint64_t offset;
	uint64_t filesz;
	struct extent span;
};

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
	if (h->version < VERSION_64)
		return err_set(e, -ENOEXEC,
			       "it speaks protocol %d.%02d; the 64-bit entry "
			       "came with 2.12",
			       h->version >> 8, h->version & 0xff);
	if (!(h->xloadflags & XLF_KERNEL_64))
		return err_set(e, -ENOEXEC,
			       "it is a 32-bit kernel (xloadflags 0x%x), the "
			       "64-bit entry is needed",
			       h->xloadflags);
	return 0;
}

static int read_bzimage(const struct image *img, struct kernel *k,
			struct err *e)
{
	struct setup_header *h = &k->hdr;
	uint64_t size, room;

	/* The header ends where its first instruction jumps to. */
	size = 0x202u + (h->jump >> 8) - HEADER_OFFSET;
	if (size < sizeof(*h))
		memset((uint8_t *)h + size, 0, sizeof(*h) - size);
	k->offset =
		(1u + (h->setup_sects ? h->setup_sects : SECTORS_OLD)) * SECTOR;
	if (k->offset >= img->size)
		return err_set(e, -ENOEXEC,
			       "it is cut off: no code behind its "
			       "setup sectors");
	room = img->size - k->offset;
	k->filesz = (uint64_t)h->syssize * 16;
	if (k->filesz > room + 15 || k->filesz <= ENTRY_64)
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

static int read_elf(const struct image *img, struct kernel *k, struct err *e)
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

static int read_kernel(const struct image *img, struct kernel *k, struct err *e)
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

static void linux_probe(const struct image *img, struct probe *ret)
{
	struct kernel k;
	struct err e;
	int rc = read_kernel(img, &k, &e);

	if (rc) {
		probe_refuse(ret, &e);
		return;
	}
	if (k.is_elf)
		probe_say(ret, PROBE_OFFERED, "ELF64 with entry 0x%" PRIx64,
			  image_entry(img));
	else
		probe_say(ret, PROBE_OFFERED,
			  "bzImage of protocol %d.%02d with a 64-bit entry",
			  k.hdr.version >> 8, k.hdr.version & 0xff);
	ret->lo = k.span.lo;
	ret->hi = k.span.hi;
	ret->relocatable = k.hdr.relocatable_kernel;
}

static int place_bzimage(struct place *p, const struct image *img,
			 const struct kernel *k, gpa_t *ret, struct err *e)
{
	const struct setup_header *h = &k->hdr;
	uint64_t size = k->span.hi - k->span.lo;
	struct place_want want = {
		.what = "the kernel",
		.size = size,
		.align = h->kernel_alignment ? h->kernel_alignment : 1,
		.prefer = k->span.lo,
		.lo = LAYOUT_HIGH,
		.hi = LAYOUT_END,
	};
	int rc;

	*ret = k->span.lo;
	if (h->relocatable_kernel)
		rc = place_find(p, &want, ret, e);
	else
		rc = place_image(p, k->span.lo, size, e);
	if (rc)
		return err_wrap(e, "%s", img->name);
	return image_load(img, k->offset, k->filesz, p->req->mem, *ret, e);
}

/* Load it; where to, and where to enter? */
static int place_kernel(struct place *p, const struct image *img,
			const struct kernel *k, gpa_t *ret_base,
			gpa_t *ret_entry, struct err *e)
{
	int rc;

	if (k->is_elf) {
		*ret_base = k->span.lo;
		rc = place_entry(img, image_entry(img), ret_entry, e);
		return rc ? rc : place_elf(p, img, 0, e);
	}
	rc = place_bzimage(p, img, k, ret_base, e);
	*ret_entry = *ret_base + ENTRY_64;
	return rc;
}

static int put_cmdline(struct handover *h, const struct kernel *k,
		       const char *cmdline, gpa_t *ret, struct err *e)
{
	size_t size = strlen(cmdline);

	if (size > k->hdr.cmdline_size)
		return err_set(e, -ENOEXEC,
			       "a command line of %zu bytes is too long: this "
			       "kernel takes %u",
			       size, k->hdr.cmdline_size);
	return handover_put_words(h, NULL, "", cmdline, ret, e);
}

static int put_boot_params(struct handover *h, const struct kernel *k,
			   gpa_t base, const struct placed_file *initrd,
			   gpa_t *ret, struct err *e)
{
	const struct load_request *req = h->place->req;
	const struct board *board = req->board;
	struct boot_params bp;
	gpa_t cmdline;
	int rc = put_cmdline(h, k, req->cmdline, &cmdline, e);

	if (rc)
		return rc;
	memset(&bp, 0, sizeof(bp));
	bp.hdr = k->hdr;
	bp.hdr.type_of_loader = LOADER_TYPE;
	bp.hdr.code32_start = (uint32_t)base;
	bp.hdr.cmd_line_ptr = (uint32_t)cmdline;
	bp.hdr.setup_data = 0;
	bp.hdr.ramdisk_image = (uint32_t)initrd->gpa;
	bp.hdr.ramdisk_size = (uint32_t)initrd->size;
	bp.acpi_rsdp_addr = board->rsdp;
	bp.e820_entries = (uint8_t)board->ranges;
	for (unsigned int i = 0; i < board->ranges; i++)
		bp.e820_table[i] =
			(struct boot_e820_entry){ board->range[i].gpa,
						  board->range[i].size,
						  board->range[i].type };
	return handover_put(h, &bp, sizeof(bp), ret, e);
}

static int linux_load(const struct image *img, const struct load_request *req,
		      struct loaded *ret, struct err *e)
{
	struct place place = { .req = req };
	struct placed_file initrd;
	struct handover h;
	struct kernel k;
	struct entry_state state;
	gpa_t base, entry, params = 0;
	int rc = read_kernel(img, &k, e);

	if (rc)
		return err_wrap(e, "%s", img->name);
	if (req->modules)
		return err_set(e, -ENOEXEC,
			       "%s: boots by linux, which has no modules: use "
			       "--initrd",
			       img->name);
	rc = place_kernel(&place, img, &k, &base, &entry, e);
	if (rc == 0)
		rc = place_initrd(&place, k.hdr.initrd_addr_max + 1ull, &initrd,
				  e);
	if (rc == 0)
		rc = handover_init(&h, &place, e);
	if (rc == 0)
		rc = put_boot_params(&h, &k, base, &initrd, &params, e);
	if (rc == 0)
		rc = handover_enter64(&h, entry, &state, e);
	if (rc)
		return rc;
	state.rsi = params;
	*ret = (struct loaded){ .entry = state };
	return 0;
}

const struct protocol protocol_linux = {
	.name = "linux",
	.title = "Linux",
	.probe = linux_probe,
	.load = linux_load,
};
