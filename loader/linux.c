// SPDX-License-Identifier: Apache-2.0
// Boot protocol: Linux/x86, 64-bit and 32-bit entry
// (Documentation/arch/x86/boot.rst).
#include <asm/bootparam.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "loader/handover.h"
#include "loader/layout.h"
#include "loader/linux_header.h"

#define LOADER_TYPE 0xff /* none of the registered ones */

_Static_assert(offsetof(struct boot_params, acpi_rsdp_addr) == 0x70, "2.14");
_Static_assert(BOARD_RANGES_MAX <= E820_MAX_ENTRIES_ZEROPAGE, "e820");

static void linux_probe(const struct image *img, struct probe *ret)
{
	struct linux_image k;
	struct err e;
	int rc = linux_image_read(img, &k, &e);

	if (rc) {
		probe_refuse(ret, &e);
		return;
	}
	if (k.is_elf)
		probe_say(ret, PROBE_OFFERED, "ELF64 with entry 0x%" PRIx64,
			  image_entry(img));
	else
		probe_say(ret, PROBE_OFFERED,
			  "bzImage of protocol %d.%02d with a %d-bit entry",
			  k.hdr.version >> 8, k.hdr.version & 0xff,
			  k.is_32 ? 32 : 64);
	ret->lo = k.span.lo;
	ret->hi = k.span.hi;
	ret->relocatable = k.hdr.relocatable_kernel;
}

static int place_bzimage(struct place *p, const struct image *img,
			 const struct linux_image *k, gpa_t *ret, struct err *e)
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
			const struct linux_image *k, gpa_t *ret_base,
			gpa_t *ret_entry, struct err *e)
{
	int rc;

	if (k->is_elf) {
		*ret_base = k->span.lo;
		rc = place_entry(img, image_entry(img), ret_entry, e);
		return rc ? rc : place_elf(p, img, 0, e);
	}
	rc = place_bzimage(p, img, k, ret_base, e);
	*ret_entry = *ret_base + (k->is_32 ? 0 : LINUX_ENTRY_64);
	return rc;
}

static int put_cmdline(struct handover *h, const struct linux_image *k,
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

static int put_boot_params(struct handover *h, const struct linux_image *k,
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
	struct linux_image k;
	struct entry_state state;
	gpa_t base, entry, params = 0;
	int rc = linux_image_read(img, &k, e);

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
	if (rc == 0 && k.is_32)
		rc = handover_enter_linux32(&h, entry, &state, e);
	else if (rc == 0)
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
