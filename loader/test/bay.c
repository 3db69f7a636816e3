// SPDX-License-Identifier: Apache-2.0
// A contract machine's memory and a small contract kernel to load into it.
#include "bay.h"

#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static const struct lab_segment segments[BAY_SEGMENTS] = {
	[BAY_NOTE] = { PT_NOTE, 0x1000, 0, 0, 44, 44 },
	[BAY_TEXT] = { PT_LOAD, 0x2000, BAY_LINK, BAY_LINK, 0x1800, 0x1800 },
	[BAY_RODATA] = { PT_LOAD, 0x4000, BAY_LINK + 0x2000, BAY_LINK + 0x2000,
			 0x800, 0x800 },
	[BAY_DATA] = { PT_LOAD, 0x5000, BAY_LINK + 0x3000, BAY_LINK + 0x3000,
		       0x400, 0x3000 },
};

void bay_setup(struct bay *b, gpa_t base, uint64_t size)
{
	struct gmem_region r = { .gpa = base, .size = size };
	int rc;

	memset(b, 0, sizeof(*b));
	b->host = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert(b->host != MAP_FAILED);
	b->size = size;
	r.host = b->host;
	rc = gmem_add(&b->mem, &r, NULL);
	assert(rc == 0);
	b->board = (struct board){
		.mode = "fullvm",
		.cpus = 1,
		.range = { { base, size, RANGE_RAM } },
		.ranges = 1,
		.tsc_khz = 2000000,
		.lapic_hz = 1000000000,
		.doorbell_port = 0x5d0,
		.ring_size = 4096,
	};
	b->req = (struct load_request){ .mem = &b->mem,
					.board = &b->board,
					.cmdline = "" };
	memcpy(b->segment, segments, sizeof(segments));
	b->segments = BAY_SEGMENTS;
	b->flags[BAY_TEXT] = PF_R | PF_X;
	b->flags[BAY_RODATA] = PF_R;
	b->flags[BAY_DATA] = PF_R | PF_W;
	b->note = (struct dive_note){ .version = DIVE_CONTRACT_VERSION,
				      .flags = DIVE_NOTE_RELOCATABLE,
				      .align = DIVE_LOAD_ALIGN };
	b->note_size = sizeof(b->note);
	b->entry = BAY_ENTRY;
	b->img.fd = -1;
}

void bay_teardown(struct bay *b)
{
	image_close(&b->img);
	munmap(b->host, b->size);
}

static void write_file(struct bay *b)
{
	memset(b->file, 0, sizeof(b->file));
	lab_elf(b->file, true, b->entry, b->segment, b->segments);
	for (size_t i = 0; i < b->segments; i++)
		memcpy(b->file + sizeof(Elf64_Ehdr) + i * sizeof(Elf64_Phdr) +
			       offsetof(Elf64_Phdr, p_flags),
		       &b->flags[i], sizeof(b->flags[i]));
	lab_note(b->file + 0x1000, DIVE_NOTE_OWNER, DIVE_NOTE_TYPE, &b->note,
		 sizeof(b->note));
	lab_put32(b->file + 0x1004, b->note_size);
	memset(b->file + 0x2000, 0x11, 0x1800);
	memset(b->file + 0x4000, 0x22, 0x800);
	memset(b->file + 0x5000, 0x33, 0x400);
}

int bay_load(struct bay *b)
{
	struct probe probe = { .verdict = PROBE_ABSENT };
	int rc;

	write_file(b);
	image_close(&b->img);
	rc = lab_open(&b->img, b->file, sizeof(b->file), "kernel", &b->e);
	assert(rc == 0);
	rc = madvise(b->host, b->size, MADV_DONTNEED);
	assert(rc == 0);
	protocol_contract.probe(&b->img, &probe);
	if (probe.verdict != PROBE_OFFERED)
		return err_set(&b->e, -ENOENT, "%s", probe.why);
	memset(&b->loaded, 0, sizeof(b->loaded));
	return protocol_contract.load(&b->img, &b->req, &b->loaded, &b->e);
}

const char *bay_rights(const struct bay *b, gva_t va, gpa_t *ret_gpa)
{
	const struct entry_state *s = &b->loaded.entry;
	const struct cpu_regs regs = {
		.cr0 = s->cr0, .cr3 = s->cr3, .cr4 = s->cr4, .efer = s->efer
	};
	struct walk w;

	pagewalk(&b->mem, &regs, va, &w);
	if (w.end != WALK_MAPPED)
		return "-";
	if (ret_gpa)
		*ret_gpa = w.gpa;
	if (w.writable)
		return w.no_execute ? "rw" : "rwx";
	return w.no_execute ? "r" : "rx";
}
