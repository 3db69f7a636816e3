// SPDX-License-Identifier: Apache-2.0
// An image file: read by bounded copies, never mapped, never trusted.
#include "loader/image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than any kernel's notes; bounds what libelf keeps of one segment. */
#define NOTES_SIZE_MAX 65536

/* pread() everything, or say -ENOEXEC when the file ends too early. */
static int read_all(const struct image *img, uint64_t offset, void *to,
		    uint64_t size, struct err *e)
{
	uint8_t *at = to;

	while (size > 0) {
		ssize_t n = pread(img->fd, at, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, -errno, "%s: cannot be read: %s",
				       img->name, strerror(errno));
		if (n == 0)
			return err_set(e, -ENOEXEC,
				       "%s: ends at 0x%" PRIx64
				       ": it shrank while it was read",
				       img->name, offset);
		at += n;
		offset += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

/* Is [offset, offset + size) in the file? */
static int check_range(const struct image *img, uint64_t offset, uint64_t size,
		       struct err *e)
{
	if (offset <= img->size && size <= img->size - offset)
		return 0;
	return err_set(e, -ENOEXEC,
		       "%s: 0x%" PRIx64 " bytes at 0x%" PRIx64
		       " are wanted, the file has 0x%" PRIx64
		       ": it is cut off or damaged",
		       img->name, size, offset, img->size);
}

int image_read(const struct image *img, uint64_t offset, void *to,
	       uint64_t size, struct err *e)
{
	int rc = check_range(img, offset, size, e);

	if (rc)
		return rc;
	if (offset + size <= img->head_size) {
		memcpy(to, img->head + offset, size);
		return 0;
	}
	return read_all(img, offset, to, size, e);
}

/*
 * libelf takes 100 bytes for each section that is announced, and touches them.
 * A count that does not fit the header is the size of section 0.
 */
static int check_sections(const struct image *img, struct err *e)
{
	bool is64 = img->head[EI_CLASS] == ELFCLASS64;
	union {
		Elf32_Ehdr e32;
		Elf64_Ehdr e64;
		Elf32_Shdr s32;
		Elf64_Shdr s64;
	} h;
	uint64_t offset, count;

	if (img->head_size < sizeof(h))
		return 0;
	memcpy(&h, img->head, sizeof(h));
	offset = is64 ? h.e64.e_shoff : h.e32.e_shoff;
	if (offset == 0 || (is64 ? h.e64.e_shnum : h.e32.e_shnum) != 0 ||
	    image_read(img, offset, &h, sizeof(h), NULL) != 0)
		return 0;
	count = is64 ? h.s64.sh_size : h.s32.sh_size;
	if (count > IMAGE_SECTIONS_MAX)
		return err_set(e, -ENOEXEC,
			       "%s: has %" PRIu64 " sections, %d are the limit",
			       img->name, count, IMAGE_SECTIONS_MAX);
	return 0;
}

/*
 * Look at the file as ELF for x86. Not being one is no error: then it is a
 * bzImage, or flat with a multiboot header, or the protocols will say what
 * they looked for.
 */
static int open_elf(struct image *img, struct err *e)
{
	GElf_Ehdr ehdr;
	size_t n;
	int rc;

	if (img->head_size < EI_NIDENT ||
	    memcmp(img->head, ELFMAG, SELFMAG) != 0 ||
	    img->head[EI_DATA] != ELFDATA2LSB)
		return 0;
	rc = check_sections(img, e);
	if (rc)
		return rc;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return err_set(e, -ENOEXEC, "%s: libelf is too old: %s",
			       img->name, elf_errmsg(-1));
	/* A small file is here already. */
	img->elf = img->head_size == img->size
			   ? elf_memory((char *)img->head, img->head_size)
			   : elf_begin(img->fd, ELF_C_READ, NULL);
	if (!img->elf || elf_kind(img->elf) != ELF_K_ELF ||
	    !gelf_getehdr(img->elf, &ehdr) ||
	    (ehdr.e_machine != EM_386 && ehdr.e_machine != EM_X86_64) ||
	    elf_getphdrnum(img->elf, &n) < 0) {
		elf_end(img->elf);
		img->elf = NULL;
		return 0;
	}
	if (n > IMAGE_PHDRS_MAX)
		return err_set(e, -ENOEXEC,
			       "%s: has %zu program headers, %d are the limit",
			       img->name, n, IMAGE_PHDRS_MAX);
	img->elf_phnum = n;
	return 0;
}

static int open_regular(struct image *img, struct err *e)
{
	struct stat st;
	int rc;

	if (fstat(img->fd, &st) < 0)
		return err_set(e, -errno, "%s: %s", img->name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, -ENOEXEC,
			       "%s: is %s: name a kernel in a regular file",
			       img->name,
			       S_ISDIR(st.st_mode) ? "a directory"
						   : "not a regular file");
	if (st.st_size == 0)
		return err_set(e, -ENOEXEC, "%s: is empty", img->name);
	img->size = (uint64_t)st.st_size;
	img->head_size =
		img->size < IMAGE_HEAD_MAX ? (size_t)img->size : IMAGE_HEAD_MAX;
	img->head = malloc(img->head_size);
	if (!img->head)
		return err_set(e, -ENOMEM, "%s: out of memory", img->name);
	rc = read_all(img, 0, img->head, img->head_size, e);
	return rc ? rc : open_elf(img, e);
}

int image_open_fd(struct image *img, int fd, const char *name, struct err *e)
{
	struct image new = { .name = name, .fd = fd };
	int rc = open_regular(&new, e);

	if (rc)
		image_close(&new);
	else
		*img = new;
	return rc;
}

int image_open(struct image *img, const char *path, struct err *e)
{
	/* O_NONBLOCK: a FIFO without a writer would hang here. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	return image_open_fd(img, fd, path, e);
}

void image_close(struct image *img)
{
	/* A zeroed image owns nothing, not descriptor 0 either. */
	if (img->name) {
		elf_end(img->elf);
		free(img->head);
		close(img->fd);
	}
	*img = (struct image){ .fd = -1 };
}

int image_load(const struct image *img, uint64_t offset, uint64_t size,
	       const struct gmem *mem, gpa_t gpa, struct err *e)
{
	void *to;

	if (size == 0)
		return 0;
	to = gmem_ptr(mem, gpa, size);
	if (!to)
		return err_set(e, -ENOEXEC,
			       "%s: 0x%" PRIx64 " bytes for 0x%" PRIx64
			       " are not all in RAM: give it more with --mem",
			       img->name, size, gpa);
	return image_read(img, offset, to, size, e);
}

int image_segment(const struct image *img, size_t index, struct segment *ret,
		  struct err *e)
{
	GElf_Phdr p;
	uint64_t end;

	if (!gelf_getphdr(img->elf, (int)index, &p))
		return err_set(e, -ENOEXEC,
			       "%s: program header %zu cannot be read: %s",
			       img->name, index, elf_errmsg(-1));
	if (p.p_filesz > 0 && check_range(img, p.p_offset, p.p_filesz, e) != 0)
		return err_wrap(e, "program header %zu", index);
	if (p.p_type == PT_LOAD && p.p_filesz > p.p_memsz)
		return err_set(e, -ENOEXEC,
			       "%s: segment %zu has more bytes in the file "
			       "(0x%" PRIx64 ") than in memory (0x%" PRIx64 ")",
			       img->name, index, p.p_filesz, p.p_memsz);
	if (__builtin_add_overflow(p.p_paddr, p.p_memsz, &end))
		return err_set(e, -ENOEXEC,
			       "%s: segment %zu at 0x%" PRIx64
			       " wraps around the end of memory",
			       img->name, index, p.p_paddr);
	*ret = (struct segment){
		.type = p.p_type,
		.flags = p.p_flags,
		.offset = p.p_offset,
		.vaddr = p.p_vaddr,
		.paddr = p.p_paddr,
		.filesz = p.p_filesz,
		.memsz = p.p_memsz,
	};
	return 0;
}

uint64_t image_entry(const struct image *img)
{
	GElf_Ehdr ehdr;

	return gelf_getehdr(img->elf, &ehdr) ? ehdr.e_entry : 0;
}

int image_is_elf64(const struct image *img)
{
	GElf_Ehdr ehdr;

	return img->elf && gelf_getehdr(img->elf, &ehdr) &&
	       ehdr.e_ident[EI_CLASS] == ELFCLASS64 &&
	       ehdr.e_machine == EM_X86_64;
}

/* Search one note segment under one idea of how its notes are aligned. */
static int find_note(Elf_Data *data, const char *owner, uint32_t type,
		     void *desc, size_t size)
{
	const char *bytes = data->d_buf;
	size_t namesz = strlen(owner) + 1;
	size_t at = 0, name_at, desc_at, next;
	GElf_Nhdr n;

	while ((next = gelf_getnote(data, at, &n, &name_at, &desc_at)) > 0) {
		if (n.n_type == type && n.n_namesz == namesz &&
		    memcmp(bytes + name_at, owner, namesz) == 0) {
			memcpy(desc, bytes + desc_at,
			       n.n_descsz < size ? n.n_descsz : size);
			return (int)n.n_descsz;
		}
		at = next;
	}
	return at < data->d_size ? -ENOEXEC : -ENOENT;
}

/*
 * A linker script that puts all notes into one segment makes p_align 8 although
 * most of them are padded to 4 bytes, so p_align is no help: try both.
 */
static int find_note_any(const struct image *img, const struct segment *s,
			 const char *owner, uint32_t type, void *desc,
			 size_t size)
{
	static const Elf_Type forms[] = { ELF_T_NHDR, ELF_T_NHDR8 };
	int found = -ENOEXEC;

	if (s->filesz > NOTES_SIZE_MAX)
		return -ENOEXEC;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		Elf_Data *data = elf_getdata_rawchunk(
			img->elf, (int64_t)s->offset, s->filesz, forms[i]);
		int rc;

		if (!data)
			return -ENOEXEC;
		rc = find_note(data, owner, type, desc, size);
		if (rc >= 0)
			return rc;
		if (rc == -ENOENT)
			found = rc;
	}
	return found;
}

int image_note(const struct image *img, const char *owner, uint32_t type,
	       void *desc, size_t size)
{
	int found = -ENOENT;

	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;
		int rc;

		if (image_segment(img, i, &s, NULL) != 0)
			return -ENOEXEC;
		if (s.type != PT_NOTE || s.filesz == 0)
			continue;
		rc = find_note_any(img, &s, owner, type, desc, size);
		if (rc >= 0)
			return rc;
		if (rc == -ENOEXEC)
			found = rc;
	}
	return found;
}
