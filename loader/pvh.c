// SPDX-License-Identifier: Apache-2.0
// Boot protocol: PVH, a 32-bit entry named by an ELF note (Xen docs/misc/pvh).
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/handover.h"
#include "loader/layout.h"

/* Xen public/elfnote.h */
#define NOTE_OWNER        "Xen"
#define NOTE_PHYS32_ENTRY 18

/* Xen public/arch-x86/hvm/start_info.h, version 1 */
#define START_INFO_MAGIC   0x336ec578
#define START_INFO_VERSION 1

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t nr_modules;
	uint64_t modlist_paddr;
	uint64_t cmdline_paddr;
	uint64_t rsdp_paddr;
	uint64_t memmap_paddr;
	uint32_t memmap_entries;
	uint32_t reserved;
};

struct modlist_entry {
	uint64_t paddr;
	uint64_t size;
	uint64_t cmdline_paddr;
	uint64_t reserved;
};

struct memmap_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

static int find_entry(const struct image *img, gpa_t *ret, struct err *e)
{
	uint64_t addr = 0;
	int size = image_note(img, NOTE_OWNER, NOTE_PHYS32_ENTRY, &addr,
			      sizeof(addr));

	if (size == -ENOENT)
		return err_set(e, -ENOENT, "no PVH note");
	if (size != 4 && size != 8)
		return err_set(e, -ENOEXEC, "its ELF notes are damaged");
	return place_entry(img, addr, ret, e);
}

static void pvh_probe(const struct image *img, struct probe *ret)
{
	struct extent span;
	struct err e;
	gpa_t entry;
	int rc = find_entry(img, &entry, &e);

	if (rc == 0)
		rc = place_extent(img, &span, &e);
	if (rc) {
		probe_refuse(ret, &e);
		return;
	}
	probe_say(ret, PROBE_OFFERED, "PVH note with entry 0x%" PRIx64, entry);
	ret->lo = span.lo;
	ret->hi = span.hi;
}

static int put_module(struct handover *h, const struct placed_file *file,
		      const char *words, struct modlist_entry *ret,
		      struct err *e)
{
	*ret = (struct modlist_entry){ .paddr = file->gpa, .size = file->size };
	if (!*words)
		return 0;
	return handover_put_words(h, NULL, "", words, &ret->cmdline_paddr, e);
}

/* Linux takes module 0 as its only initrd, so those are one module. */
static int put_modules(struct handover *h, const struct placed_file *files,
		       unsigned int count, const struct placed_file *initrd,
		       struct start_info *info, struct err *e)
{
	struct modlist_entry list[LOAD_FILES_MAX + 1];
	unsigned int n = 0;
	int rc = 0;

	while (n < count && rc == 0) {
		rc = put_module(h, &files[n], files[n].file->cmdline, &list[n],
				e);
		n++;
	}
	if (initrd->size && rc == 0)
		rc = put_module(h, initrd, "", &list[n++], e);
	if (rc)
		return rc;
	info->nr_modules = n;
	if (n == 0)
		return 0;
	return handover_put(h, list, n * sizeof(list[0]), &info->modlist_paddr,
			    e);
}

static int put_memmap(struct handover *h, const struct board *board,
		      struct start_info *info, struct err *e)
{
	struct memmap_entry map[BOARD_RANGES_MAX];

	for (unsigned int i = 0; i < board->ranges; i++)
		map[i] = (struct memmap_entry){ board->range[i].gpa,
						board->range[i].size,
						board->range[i].type, 0 };
	info->memmap_entries = board->ranges;
	return handover_put(h, map, board->ranges * sizeof(map[0]),
			    &info->memmap_paddr, e);
}

static int put_start_info(struct handover *h, const struct load_request *req,
			  struct start_info *info, gpa_t *ret, struct err *e)
{
	int rc = put_memmap(h, req->board, info, e);

	if (rc == 0 && *req->cmdline)
		rc = handover_put_words(h, NULL, "", req->cmdline,
					&info->cmdline_paddr, e);
	if (rc)
		return rc;
	info->magic = START_INFO_MAGIC;
	info->version = START_INFO_VERSION;
	info->rsdp_paddr = req->board->rsdp;
	return handover_put(h, info, sizeof(*info), ret, e);
}

static int pvh_load(const struct image *img, const struct load_request *req,
		    struct loaded *ret, struct err *e)
{
	struct place place = { .req = req };
	struct placed_file files[2 * LOAD_FILES_MAX], initrd;
	struct start_info info = { .magic = 0 };
	struct handover h;
	unsigned int count = 0;
	gpa_t entry, start = 0;
	int rc = find_entry(img, &entry, e);

	if (rc == 0)
		rc = place_elf(&place, img, 0, e);
	if (rc == 0)
		rc = place_modules(&place, false, files, &count, e);
	if (rc == 0)
		rc = place_initrd(&place, LAYOUT_END, &initrd, e);
	if (rc == 0)
		rc = handover_init(&h, &place, e);
	if (rc == 0)
		rc = put_modules(&h, files, count, &initrd, &info, e);
	if (rc == 0)
		rc = put_start_info(&h, req, &info, &start, e);
	if (rc)
		return rc;
	*ret = (struct loaded){ .slide = 0 };
	handover_enter32(&h, entry, &ret->entry);
	ret->entry.rbx = start;
	return 0;
}

const struct protocol protocol_pvh = {
	.name = "pvh",
	.title = "PVH",
	.probe = pvh_probe,
	.load = pvh_load,
};
