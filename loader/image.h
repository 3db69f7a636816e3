/* SPDX-License-Identifier: Apache-2.0 */
/* An image file: read by bounded copies, never mapped, never trusted. */
#ifndef LOADER_IMAGE_H
#define LOADER_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/gmem.h"

struct Elf;

/* The multiboot2 header lies within this many bytes, all others before. */
#define IMAGE_HEAD_MAX 32768u
/* More than any kernel has; bounds every loop over program headers. */
#define IMAGE_PHDRS_MAX 128
/* Counts beyond stand elsewhere in the file, where libelf believes them. */
#define IMAGE_SECTIONS_MAX 0xfeff

/**
 * struct image - an open file and what its first bytes are
 * @name: as the user wrote it; borrowed
 * @fd: owned
 * @size: bytes, at the time of opening
 * @head: the first @head_size bytes; owned
 * @head_size: min(@size, IMAGE_HEAD_MAX)
 * @elf: libelf's view when the file is ELF with readable headers, else NULL
 * @elf_phnum: program headers, at most IMAGE_PHDRS_MAX; 0 when not ELF
 */
struct image {
	const char *name;
	int fd;
	uint64_t size;
	uint8_t *head;
	size_t head_size;
	struct Elf *elf;
	size_t elf_phnum;
};

/**
 * struct segment - a program header, ELF32 and ELF64 alike
 * @type: PT_*
 * @flags: PF_*
 * @offset: in the file; @offset + @filesz lies within the file
 * @vaddr: linked address
 * @paddr: load address; @paddr + @memsz does not wrap
 * @filesz: bytes from the file, at most @memsz for PT_LOAD
 * @memsz: bytes in memory
 */
struct segment {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
};

/**
 * image_open() - open a file and read its head
 * @img: written on success; release with image_close()
 * @path: borrowed until image_close()
 * @e: names the file and the reason
 *
 * Return: 0, -ENOENT, -ENOEXEC (not a regular file, empty), other -errno.
 */
int must_check image_open(struct image *img, const char *path, struct err *e);

/**
 * image_open_fd() - the same for a descriptor
 * @img: written on success
 * @fd: regular file, open for reading; taken, also on failure
 * @name: for messages; borrowed until image_close()
 * @e: names the file and the reason
 *
 * Return: as image_open().
 */
int must_check image_open_fd(struct image *img, int fd, const char *name,
			     struct err *e);

/**
 * image_close() - release everything image_open() took
 * @img: may be zeroed; is zeroed with fd -1 afterwards
 */
void image_close(struct image *img);

/**
 * image_read() - copy bytes of the file
 * @img: open image
 * @offset: in the file
 * @to: destination
 * @size: bytes
 * @e: names file, offset and reason
 *
 * Return: 0; -ENOEXEC when the range is not in the file (or it shrank).
 */
int must_check image_read(const struct image *img, uint64_t offset, void *to,
			  uint64_t size, struct err *e);

/**
 * image_load() - copy bytes of the file into guest memory
 * @img: open image
 * @offset: in the file
 * @size: bytes
 * @mem: guest memory
 * @gpa: destination
 * @e: names file, range and reason ("give it more with --mem")
 *
 * Return: 0; -ENOEXEC when source or destination does not exist.
 */
int must_check image_load(const struct image *img, uint64_t offset,
			  uint64_t size, const struct gmem *mem, gpa_t gpa,
			  struct err *e);

/**
 * image_segment() - one checked program header
 * @img: ELF image
 * @index: below img->elf_phnum
 * @ret: written on success
 * @e: says which header is wrong and how
 *
 * Return: 0, or -ENOEXEC when the header contradicts the file.
 */
int must_check image_segment(const struct image *img, size_t index,
			     struct segment *ret, struct err *e);

/**
 * image_entry() - e_entry of an ELF image
 * @img: ELF image
 *
 * Return: the entry address as the header says, unchecked.
 */
uint64_t image_entry(const struct image *img);

/**
 * image_is_elf64() - class of an ELF image
 * @img: any image
 *
 * Return: 1 for ELF64 x86-64, 0 otherwise.
 */
int image_is_elf64(const struct image *img);

/**
 * image_note() - find an ELF note by owner and type
 * @img: ELF image
 * @owner: note name without the NUL counted
 * @type: n_type
 * @desc: at most @size bytes of the descriptor are copied here
 * @size: bytes at @desc
 *
 * Notes are read by file offset: a PT_NOTE may lie outside every PT_LOAD.
 *
 * Return: bytes of the descriptor in the file, -ENOENT when there is no such
 * note, -ENOEXEC when the notes are damaged.
 */
int must_check image_note(const struct image *img, const char *owner,
			  uint32_t type, void *desc, size_t size);

#endif
