// SPDX-License-Identifier: Apache-2.0
// ELF programs, as Linux's kernel loads them. The file is the partner's: what
// is read is copied once, then checked.
#include "load.h"

#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/elf.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

#include "channel.h"
#include "map.h"
#include "process.h"
#include "range.h"
#include "stack.h"

#define HEADERS_MAX 64

static const char *const not_elf = "it is no ELF program for x86-64";
static const char *const broken = "the file is broken";
static const char *const no_memory = "there is not enough memory";

static int64_t open_file(uintptr_t path)
{
	const uint64_t arg[6] = { (uint64_t)AT_FDCWD, path, O_CLOEXEC };

	return space_allows(path, 1, PAGE_READ)
		       ? call_linux_surely(__NR_openat, arg)
		       : -EFAULT;
}

static void close_file(int fd)
{
	const uint64_t arg[6] = { (uint64_t)fd };

	call_linux_surely(__NR_close, arg);
}

/* Linux reads into the program's memory. */
static bool fetch(int fd, uint64_t offset, uintptr_t to, size_t size)
{
	const uint64_t arg[6] = { (uint64_t)fd, to, size, offset };

	return space_allows(to, size, PAGE_WRITE) &&
	       call_linux_surely(__NR_pread64, arg) == (int64_t)size;
}

static bool read_file(int fd, uint64_t offset, uintptr_t scratch, void *to,
		      size_t size)
{
	return fetch(fd, offset, scratch, size) &&
	       space_read(to, scratch, size);
}

static bool is_program(const struct elf64_hdr *elf)
{
	return !memcmp(elf->e_ident, ELFMAG, SELFMAG) &&
	       elf->e_ident[EI_CLASS] == ELFCLASS64 &&
	       elf->e_ident[EI_DATA] == ELFDATA2LSB &&
	       elf->e_machine == EM_X86_64 &&
	       (elf->e_type == ET_EXEC || elf->e_type == ET_DYN) &&
	       elf->e_phentsize == sizeof(struct elf64_phdr) && elf->e_phnum &&
	       elf->e_phnum <= HEADERS_MAX;
}

static uint32_t rights_of(const struct elf64_phdr *p)
{
	uint64_t prot = 0;

	if (p->p_flags & PF_R)
		prot |= PROT_READ;
	if (p->p_flags & PF_W)
		prot |= PROT_WRITE;
	if (p->p_flags & PF_X)
		prot |= PROT_EXEC;
	return map_rights(prot);
}

/* The pages of a segment; false when it makes no sense. */
static bool pages_of(const struct elf64_phdr *p, uintptr_t *start,
		     uintptr_t *end)
{
	uint64_t behind;

	if (p->p_filesz > p->p_memsz ||
	    __builtin_add_overflow(p->p_vaddr, p->p_memsz, &behind) ||
	    behind > DIVE_PROGRAM_END ||
	    p->p_offset % PAGE_SIZE != p->p_vaddr % PAGE_SIZE ||
	    p->p_offset > INT64_MAX)
		return false;
	*start = p->p_vaddr & ~(PAGE_SIZE - 1);
	*end = (behind + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	return true;
}

static const char *map_segment(int fd, const struct elf64_phdr *p,
			       uintptr_t base)
{
	uintptr_t start, end, skipped = p->p_vaddr % PAGE_SIZE;
	struct space_request r = { .rights = rights_of(p),
				   .flags = VMA_FILE,
				   .is_fixed = true };

	if (!pages_of(p, &start, &end))
		return broken;
	if (start == end)
		return NULL;
	r.va = start + base;
	r.size = end - start;
	switch (space_map(&r)) {
	case -EEXIST:
		return "its addresses are taken";
	case -ENOMEM:
		return "its addresses are the kernel's, or the window is too "
		       "small; dive --mem SIZE@4G, --window SIZE";
	}
	if (p->p_filesz &&
	    map_copy(fd, p->p_offset - skipped, r.va, p->p_filesz + skipped))
		return "it cannot be read";
	return NULL;
}

/* What is added to each address: 0, or as the alignment asks for. */
static bool find_base(const struct elf64_hdr *elf, const struct elf64_phdr *p,
		      uintptr_t wanted, uintptr_t *ret_base)
{
	uintptr_t low = UINTPTR_MAX, align = PAGE_SIZE, start, end;

	for (unsigned int i = 0; i < elf->e_phnum; i++) {
		if (p[i].p_type != PT_LOAD)
			continue;
		if (!pages_of(&p[i], &start, &end))
			return false;
		low = start < low ? start : low;
		if (p[i].p_align > align && p[i].p_align <= DIVE_PIECE &&
		    !(p[i].p_align & (p[i].p_align - 1)))
			align = p[i].p_align;
	}
	*ret_base = 0;
	if (elf->e_type == ET_DYN && low < wanted)
		*ret_base = wanted - (low & ~(align - 1));
	return low != UINTPTR_MAX;
}

static const char *read_interp(int fd, const struct elf64_phdr *p,
			       uintptr_t scratch, struct image *image)
{
	char last;

	if (p->p_filesz < 2 || p->p_filesz > PAGE_SIZE ||
	    !fetch(fd, p->p_offset, scratch, p->p_filesz) ||
	    !space_read(&last, scratch + p->p_filesz - 1, 1) || last)
		return broken;
	image->interp = scratch;
	return NULL;
}

static const char *map_image(int fd, const struct elf64_hdr *elf,
			     const struct elf64_phdr *p, struct image *image)
{
	const char *why = NULL;

	for (unsigned int i = 0; i < elf->e_phnum && !why; i++) {
		uintptr_t start, end;

		if (p[i].p_type == PT_PHDR)
			image->headers = p[i].p_vaddr + image->base;
		if (p[i].p_type != PT_LOAD)
			continue;
		why = map_segment(fd, &p[i], image->base);
		if (why || !pages_of(&p[i], &start, &end))
			break;
		if (end + image->base > image->end)
			image->end = end + image->base;
		if (!image->headers && elf->e_phoff >= p[i].p_offset &&
		    elf->e_phoff < p[i].p_offset + p[i].p_filesz)
			image->headers = p[i].p_vaddr + image->base +
					 elf->e_phoff - p[i].p_offset;
	}
	return why;
}

static const char *load(int fd, uintptr_t scratch, uintptr_t base,
			struct image *image)
{
	struct elf64_phdr p[HEADERS_MAX];
	struct elf64_hdr elf;
	const char *why;

	if (!read_file(fd, 0, scratch, &elf, sizeof(elf)) || !is_program(&elf))
		return not_elf;
	if (!read_file(fd, elf.e_phoff, scratch, p,
		       elf.e_phnum * sizeof(p[0])) ||
	    !find_base(&elf, p, base, &image->base))
		return broken;
	image->entry = elf.e_entry + image->base;
	image->header_count = elf.e_phnum;
	why = map_image(fd, &elf, p, image);
	for (unsigned int i = 0; i < elf.e_phnum && !why; i++)
		if (p[i].p_type == PT_INTERP && !image->interp)
			why = read_interp(fd, &p[i], scratch, image);
	return why;
}

/*
 * Maps what a file says, at @base if that is its own choice. @path is in the
 * program's memory, as is the page @scratch, where the interpreter's path is
 * then.
 */
static const char *load_image(uintptr_t path, uintptr_t scratch, uintptr_t base,
			      struct image *image)
{
	int64_t fd = open_file(path);
	const char *why;

	if (fd < 0 || fd > INT32_MAX)
		return "it cannot be opened";
	why = load((int)fd, scratch, base, image);
	close_file((int)fd);
	return why;
}

const char *load_program(const struct job *job, struct frame *frame)
{
	struct image program = { 0 }, interp = { 0 };
	struct stack stack;
	uintptr_t scratch;
	const char *why;

	if (!stack_begin(&stack, job))
		return no_memory;
	scratch = (stack.sp & ~(PAGE_SIZE - 1)) - PAGE_SIZE;
	why = load_image(stack.path, scratch, SPACE_PIE, &program);
	if (why)
		return why;
	space_set_brk(program.end);
	frame->rip = program.entry;
	if (program.interp) {
		/* Its path is in the page that is read over when it is open. */
		if (load_image(scratch, scratch, SPACE_INTERP, &interp))
			return "its interpreter cannot be loaded";
		frame->rip = interp.entry;
	}
	if (!stack_finish(&stack, job, &program, &interp))
		return no_memory;
	frame->rsp = stack.sp;
	return NULL;
}
