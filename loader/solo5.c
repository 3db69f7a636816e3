// SPDX-License-Identifier: Apache-2.0
// Boot protocol: Solo5 hvt, ABI version 2 (Solo5 include/hvt_abi.h, elf_abi.h,
// mft_abi.h; docs/architecture.md).
#include "loader/solo5.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "loader/pagetable.h"
#include "loader/place.h"

#define NOTE_OWNER "Solo5"
#define NOTE_ABI   0x31494241 /* "ABI1" */
#define NOTE_MFT   0x3154464d /* "MFT1" */

#define TARGET_HVT       1
#define ABI_VERSION      2
#define MANIFEST_VERSION 1

/* Where Solo5 has them; the kernel sees nothing below INFO. */
#define GDT          0x1000u
#define TABLES       0x2000u
#define INFO         0x10000u
#define IMAGE_LOW    0x100000u
#define CMDLINE_SIZE 8192u
/* Solo5 itself refuses to run with less. */
#define STACK_MIN 0x80000u

#define SEL_CODE    0x08
#define SEL_DATA    0x10
#define DESC_CODE64 0x00af9b000000ffffull
#define DESC_DATA   0x00cf93000000ffffull

struct abi_note {
	uint32_t target;
	uint32_t version;
	uint32_t reserved[2];
};

struct mft_entry {
	char name[SOLO5_NAME_SIZE];
	uint32_t type;
	union {
		struct {
			uint64_t capacity;
			uint16_t block_size;
		} block;
		struct {
			uint8_t mac[SOLO5_MAC_SIZE];
			uint16_t mtu;
		} net;
	} u;
	uint64_t backing; /* a tender's own, nothing to a kernel */
	uint8_t attached;
	uint8_t padding[7];
};

struct mft {
	uint32_t version;
	uint32_t entries;
	struct mft_entry entry[SOLO5_DEVICES_MAX];
};

/* The note's header is 20 bytes long, and the manifest is aligned to 8. */
struct mft_note {
	uint32_t padding;
	uint8_t mft[sizeof(struct mft)];
};

struct boot_info {
	uint64_t mem_size;
	uint64_t kernel_end;
	uint64_t cpu_cycle_freq;
	uint64_t cmdline;
	uint64_t mft;
	uint32_t host_features; /* none: no network ring */
	uint32_t guest_features;
	uint64_t net_ring;
};

_Static_assert(sizeof(struct mft_entry) == 104, "mft_abi.h");
_Static_assert(offsetof(struct mft, entry) == 8, "mft_abi.h");
_Static_assert(sizeof(struct mft_note) == 4 + sizeof(struct mft), "packed");
_Static_assert(sizeof(struct boot_info) == 56, "hvt_abi.h");
_Static_assert(INFO + sizeof(struct boot_info) + sizeof(struct mft) +
			       CMDLINE_SIZE <=
		       IMAGE_LOW,
	       "below the image");

static const char *target_name(uint32_t target)
{
	static const char *const names[] = { "?",    "hvt",    "spt", "virtio",
					     "muen", "genode", "xen" };

	return target < sizeof(names) / sizeof(names[0]) ? names[target] : "?";
}

static int check_abi(const struct image *img, struct err *e)
{
	struct abi_note abi;
	int size = image_note(img, NOTE_OWNER, NOTE_ABI, &abi, sizeof(abi));

	if (size == -ENOENT)
		return err_set(e, -ENOENT, "no Solo5 note");
	if (size != sizeof(abi) || !image_is_elf64(img))
		return err_set(e, -ENOEXEC, "its ELF notes are damaged");
	if (abi.target != TARGET_HVT)
		return err_set(e, -ENOEXEC,
			       "it is linked for Solo5's target %s (%u), not "
			       "for hvt",
			       target_name(abi.target), abi.target);
	if (abi.version != ABI_VERSION)
		return err_set(
			e, -ENOEXEC,
			"it speaks version %u of Solo5's hvt ABI, not %d",
			abi.version, ABI_VERSION);
	return 0;
}

static int check_entry(const struct mft_entry *from, unsigned int i,
		       struct err *e)
{
	if ((i == 0) != (from->type == SOLO5_RESERVED) ||
	    (i == 0 && from->name[0]))
		return err_set(e, -ENOEXEC,
			       "its manifest does not begin with the reserved "
			       "entry");
	if (memchr(from->name, 0, sizeof(from->name)) == NULL || from->attached)
		return err_set(e, -ENOEXEC,
			       "entry %u of its manifest is damaged", i);
	return 0;
}

int solo5_manifest_read(const struct image *img, struct solo5_manifest *ret,
			struct err *e)
{
	struct mft_note note;
	struct mft mft;
	int size = image_note(img, NOTE_OWNER, NOTE_MFT, &note, sizeof(note));
	int rc;

	if (size < 0)
		return err_set(e, -ENOEXEC, "it has no Solo5 manifest");
	memset(&mft, 0, sizeof(mft));
	if ((size_t)size > sizeof(note) ||
	    (size_t)size < sizeof(note.padding) + offsetof(struct mft, entry))
		return err_set(e, -ENOEXEC,
			       "its manifest of %d bytes is damaged", size);
	memcpy(&mft, note.mft, (size_t)size - sizeof(note.padding));
	if (mft.version != MANIFEST_VERSION || mft.entries < 1 ||
	    mft.entries > SOLO5_DEVICES_MAX ||
	    (size_t)size != sizeof(note.padding) + offsetof(struct mft, entry) +
				    mft.entries * sizeof(mft.entry[0]))
		return err_set(e, -ENOEXEC,
			       "its manifest is damaged (version %u, %u "
			       "entries, %d bytes)",
			       mft.version, mft.entries, size);
	*ret = (struct solo5_manifest){ .count = mft.entries };
	for (unsigned int i = 0; i < mft.entries; i++) {
		const struct mft_entry *from = &mft.entry[i];

		rc = check_entry(from, i, e);
		if (rc)
			return rc;
		memcpy(ret->device[i].name, from->name, sizeof(from->name));
		ret->device[i].kind = from->type;
	}
	return 0;
}

/* Everything that can be said without the machine. */
static int check_image(const struct image *img, struct extent *ret_span,
		       gpa_t *ret_entry, struct err *e)
{
	struct solo5_manifest manifest;
	int rc = check_abi(img, e);

	if (rc == 0)
		rc = solo5_manifest_read(img, &manifest, e);
	if (rc == 0)
		rc = place_extent(img, ret_span, e);
	if (rc == 0 && ret_span->lo < IMAGE_LOW)
		rc = err_set(e, -ENOEXEC,
			     "it is linked to 0x%" PRIx64 ", below 1 MiB",
			     ret_span->lo);
	return rc ? rc : place_entry(img, image_entry(img), ret_entry, e);
}

static void solo5_probe(const struct image *img, struct probe *ret)
{
	struct solo5_manifest manifest;
	struct extent span;
	struct err e;
	gpa_t entry;
	int rc = check_image(img, &span, &entry, &e);

	if (rc == 0)
		rc = solo5_manifest_read(img, &manifest, &e);
	if (rc) {
		probe_refuse(ret, &e);
		return;
	}
	probe_say(ret, PROBE_OFFERED,
		  "hvt ABI %d with entry 0x%" PRIx64 ", %u device%s",
		  ABI_VERSION, entry, manifest.count - 1,
		  manifest.count == 2 ? "" : "s");
	ret->lo = span.lo;
	ret->hi = span.hi;
}

/* Page by page: a segment that may be written wins over one that may not. */
static int map_segments(struct pagetable *pt, const struct image *img,
			bool writable, struct err *e)
{
	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;
		gpa_t from, to;
		int rc = image_segment(img, i, &s, e);

		if (rc)
			return rc;
		if (s.type != PT_LOAD || s.memsz == 0 ||
		    !(s.flags & PF_W) == writable)
			continue;
		from = round_down(s.paddr, PAGE_4K);
		to = round_up(s.paddr + s.memsz, PAGE_4K);
		rc = pagetable_map(pt, from, from, to - from,
				   PTE_P | (writable ? PTE_W : 0), e);
		if (rc)
			return rc;
	}
	return 0;
}

/* Nothing below INFO, what Diver wrote read-only, all the rest one to one. */
static int write_tables(const struct image *img, const struct gmem *mem,
			uint64_t mem_size, gpa_t *ret_root, struct err *e)
{
	struct pagetable pt;
	int rc = pagetable_init(&pt, mem, TABLES, INFO - TABLES, e);

	if (rc == 0)
		rc = pagetable_map(&pt, INFO, INFO, IMAGE_LOW - INFO, PTE_P, e);
	if (rc == 0)
		rc = pagetable_map(&pt, IMAGE_LOW, IMAGE_LOW,
				   mem_size - IMAGE_LOW, PTE_P | PTE_W, e);
	if (rc == 0)
		rc = map_segments(&pt, img, false, e);
	if (rc == 0)
		rc = map_segments(&pt, img, true, e);
	*ret_root = pt.root;
	return rc;
}

static void fill_entry(const struct solo5_device *from, struct mft_entry *to)
{
	*to = (struct mft_entry){ .type = from->kind,
				  .backing = UINT64_MAX,
				  .attached = from->attached };
	memcpy(to->name, from->name, sizeof(to->name));
	if (from->kind == SOLO5_BLOCK) {
		to->u.block.capacity = from->capacity;
		to->u.block.block_size = from->block_size;
	} else if (from->kind == SOLO5_NET) {
		memcpy(to->u.net.mac, from->mac, sizeof(to->u.net.mac));
		to->u.net.mtu = from->mtu;
	}
}

/* struct boot_info at INFO, behind it the manifest and the command line. */
static int write_info(const struct load_request *req, struct boot_info *info,
		      struct err *e)
{
	const struct solo5_manifest *manifest = req->board->solo5;
	size_t words = strlen(req->cmdline) + 1;
	struct mft mft = { .version = MANIFEST_VERSION,
			   .entries = manifest->count };
	size_t size = offsetof(struct mft, entry) +
		      manifest->count * sizeof(mft.entry[0]);

	if (words > CMDLINE_SIZE)
		return err_set(e, -ENOEXEC,
			       "a command line of %zu bytes is too long: %u "
			       "are the limit",
			       words - 1, CMDLINE_SIZE - 1);
	for (unsigned int i = 0; i < manifest->count; i++)
		fill_entry(&manifest->device[i], &mft.entry[i]);
	info->mft = INFO + sizeof(*info);
	info->cmdline = info->mft + size;
	if (gmem_write(req->mem, INFO, info, sizeof(*info)) != 0 ||
	    gmem_write(req->mem, info->mft, &mft, size) != 0 ||
	    gmem_write(req->mem, info->cmdline, req->cmdline, words) != 0)
		return err_set(e, -ENOEXEC, "0x%x is not memory", INFO);
	return 0;
}

static int write_gdt(const struct gmem *mem, struct err *e)
{
	static const uint64_t gdt[] = { 0, DESC_CODE64, DESC_DATA };

	if (gmem_write(mem, GDT, gdt, sizeof(gdt)) != 0)
		return err_set(e, -ENOEXEC, "the GDT is not memory");
	return 0;
}

static struct entry_state enter(gpa_t entry, gpa_t root, uint64_t mem_size)
{
	return (struct entry_state){
		.mode = ENTRY_LONG64,
		.rip = entry,
		.rsp = mem_size - 8,
		.rdi = INFO,
		.cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG,
		.cr3 = root,
		.cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEX,
		.efer = EFER_LME | EFER_LMA,
		.cs = SEL_CODE,
		.ds = SEL_DATA,
		.gdt = GDT,
		.gdt_limit = 3 * 8 - 1,
	};
}

static int solo5_load(const struct image *img, const struct load_request *req,
		      struct loaded *ret, struct err *e)
{
	uint64_t mem_size = req->board->range[0].size;
	struct place place = { .req = req };
	struct boot_info info = { .mem_size = mem_size };
	struct extent span;
	gpa_t entry, root = 0;
	int rc = check_image(img, &span, &entry, e);

	if (rc == 0 && (req->modules || req->initrds))
		rc = err_set(e, -ENOEXEC, "a Solo5 kernel has no modules");
	if (rc)
		return err_wrap(e, "%s", img->name);
	rc = place_elf(&place, img, 0, e);
	if (rc)
		return rc;
	info.kernel_end = round_up(span.hi, PAGE_4K);
	info.cpu_cycle_freq = req->board->tsc_khz * 1000;
	if (mem_size < info.kernel_end ||
	    mem_size - info.kernel_end < STACK_MIN)
		return err_set(e, -ENOEXEC,
			       "%s: no room for a stack behind it: give it "
			       "more with --mem",
			       img->name);
	rc = write_gdt(req->mem, e);
	if (rc == 0)
		rc = write_info(req, &info, e);
	if (rc == 0)
		rc = write_tables(img, req->mem, mem_size, &root, e);
	*ret = (struct loaded){ .entry = enter(entry, root, mem_size) };
	return rc;
}

const struct protocol protocol_solo5 = {
	.name = "solo5",
	.title = "Solo5 hvt",
	.machine = MACHINE_SOLO5,
	.probe = solo5_probe,
	.load = solo5_load,
};
