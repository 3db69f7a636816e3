// SPDX-License-Identifier: Apache-2.0
// A memory and a PC board to load small images into, made in memory.
#include "lab.h"

#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define RSDP 0xe0000u

static void describe(struct lab *lab)
{
	struct board *b = &lab->board;

	*b = (struct board){
		.mode = "fullvm",
		.cpus = 1,
		.rsdp = RSDP,
		.ranges = 5,
		.range = {
			{ 0, 0x9fc00, RANGE_RAM },
			{ 0x9fc00, 0x400, RANGE_RESERVED },
			{ 0xa0000, 0x60000, RANGE_RESERVED },
			{ 0x100000, lab->size - 0x100000, RANGE_RAM },
			{ 0xfec00000, 0x1400000, RANGE_RESERVED },
		},
	};
	memcpy(lab->host + RSDP, "RSD PTR ", 8);
	lab->host[RSDP + 15] = 2;
	lab_put32(lab->host + RSDP + 16, RSDP + 0x100);
}

void lab_setup(struct lab *lab, uint64_t size)
{
	uint8_t *map = mmap(NULL, size + 2 * PAGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct gmem_region region = { .gpa = 0, .size = size };
	int rc;

	assert(map != MAP_FAILED);
	memset(lab, 0, sizeof(*lab));
	lab->host = map + PAGE;
	lab->size = size;
	rc = mprotect(lab->host, size, PROT_READ | PROT_WRITE);
	assert(rc == 0);
	region.host = lab->host;
	rc = gmem_add(&lab->mem, &region, NULL);
	assert(rc == 0);
	describe(lab);
	lab->req = (struct load_request){ .mem = &lab->mem,
					  .board = &lab->board,
					  .cmdline = "" };
}

void lab_teardown(struct lab *lab)
{
	munmap(lab->host - PAGE, lab->size + 2 * PAGE);
}

int lab_open(struct image *ret, const void *bytes, size_t size,
	     const char *name, struct err *e)
{
	int fd = memfd_create("image", MFD_CLOEXEC);
	ssize_t n = write(fd, bytes, size);

	assert(n == (ssize_t)size);
	return image_open_fd(ret, fd, name, e);
}

static void elf64(uint8_t *file, uint64_t entry, const struct lab_segment *s,
		  size_t count)
{
	Elf64_Ehdr h = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				      ELFDATA2LSB, EV_CURRENT },
			 .e_type = ET_EXEC,
			 .e_machine = EM_X86_64,
			 .e_version = EV_CURRENT,
			 .e_entry = entry,
			 .e_phoff = sizeof(h),
			 .e_ehsize = sizeof(h),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = (Elf64_Half)count };

	memcpy(file, &h, sizeof(h));
	for (size_t i = 0; i < count; i++) {
		Elf64_Phdr p = { .p_type = s[i].type,
				 .p_flags = PF_R | PF_W | PF_X,
				 .p_offset = s[i].offset,
				 .p_vaddr = s[i].vaddr,
				 .p_paddr = s[i].paddr,
				 .p_filesz = s[i].filesz,
				 .p_memsz = s[i].memsz,
				 .p_align = 4 };

		memcpy(file + sizeof(h) + i * sizeof(p), &p, sizeof(p));
	}
}

static void elf32(uint8_t *file, uint64_t entry, const struct lab_segment *s,
		  size_t count)
{
	Elf32_Ehdr h = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32,
				      ELFDATA2LSB, EV_CURRENT },
			 .e_type = ET_EXEC,
			 .e_machine = EM_386,
			 .e_version = EV_CURRENT,
			 .e_entry = (Elf32_Addr)entry,
			 .e_phoff = sizeof(h),
			 .e_ehsize = sizeof(h),
			 .e_phentsize = sizeof(Elf32_Phdr),
			 .e_phnum = (Elf32_Half)count };

	memcpy(file, &h, sizeof(h));
	for (size_t i = 0; i < count; i++) {
		Elf32_Phdr p = { .p_type = s[i].type,
				 .p_flags = PF_R | PF_W | PF_X,
				 .p_offset = (Elf32_Off)s[i].offset,
				 .p_vaddr = (Elf32_Addr)s[i].vaddr,
				 .p_paddr = (Elf32_Addr)s[i].paddr,
				 .p_filesz = (Elf32_Word)s[i].filesz,
				 .p_memsz = (Elf32_Word)s[i].memsz,
				 .p_align = 4 };

		memcpy(file + sizeof(h) + i * sizeof(p), &p, sizeof(p));
	}
}

void lab_elf(uint8_t *file, bool is64, uint64_t entry,
	     const struct lab_segment *segments, size_t count)
{
	assert(sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr) <= LAB_BODY);
	if (is64)
		elf64(file, entry, segments, count);
	else
		elf32(file, entry, segments, count);
}

size_t lab_note(uint8_t *to, const char *owner, uint32_t type, const void *desc,
		uint32_t size)
{
	uint32_t namesz = (uint32_t)strlen(owner) + 1;
	size_t at = 12;

	lab_put32(to, namesz);
	lab_put32(to + 4, size);
	lab_put32(to + 8, type);
	memcpy(to + at, owner, namesz);
	at += (namesz + 3) & ~3u;
	memcpy(to + at, desc, size);
	return at + ((size + 3) & ~3u);
}

void lab_put32(uint8_t *to, uint32_t value)
{
	memcpy(to, &value, sizeof(value));
}

uint32_t lab_get32(const struct lab *lab, gpa_t gpa)
{
	uint32_t value;
	int rc = gmem_read(&lab->mem, gpa, &value, sizeof(value));

	assert(rc == 0);
	return value;
}

uint64_t lab_get64(const struct lab *lab, gpa_t gpa)
{
	return lab_get32(lab, gpa) | (uint64_t)lab_get32(lab, gpa + 4) << 32;
}

const char *lab_text(const struct lab *lab, gpa_t gpa)
{
	const char *text = gmem_ptr(&lab->mem, gpa, 1);

	assert(text && memchr(text, 0, lab->size - gpa));
	return text;
}

int bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert(b);
	lab_setup(&b->lab, 8u << 20);
	*state = b;
	return 0;
}

int bench_teardown(void **state)
{
	struct bench *b = *state;

	image_close(&b->img);
	lab_teardown(&b->lab);
	free(b);
	return 0;
}

struct probe bench_probe(struct bench *b, const struct protocol *p)
{
	struct probe found = { .verdict = PROBE_ABSENT };
	int rc;

	image_close(&b->img);
	rc = lab_open(&b->img, b->file, sizeof(b->file), "/tmp/my kernel",
		      &b->e);
	assert(rc == 0);
	p->probe(&b->img, &found);
	assert(found.why[0]);
	return found;
}

int bench_load(struct bench *b, const struct protocol *p)
{
	struct probe found = bench_probe(b, p);

	if (found.verdict != PROBE_OFFERED)
		return err_set(&b->e, -ENOENT, "%s", found.why);
	return p->load(&b->img, &b->lab.req, &b->loaded, &b->e);
}
