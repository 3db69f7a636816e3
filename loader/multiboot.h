/* SPDX-License-Identifier: Apache-2.0 */
/* What multiboot 1 and 2 share: address fields, modules. */
#ifndef LOADER_MULTIBOOT_H
#define LOADER_MULTIBOOT_H

#include "loader/handover.h"

#define MULTIBOOT_LOADER_NAME "Diver"
#define MULTIBOOT_FILES_MAX   (2 * LOAD_FILES_MAX)

/* Text screen of the PC board: 80 x 25 cells of two bytes. */
#define MULTIBOOT_TEXT_GPA    0xb8000
#define MULTIBOOT_TEXT_WIDTH  80
#define MULTIBOOT_TEXT_HEIGHT 25

/**
 * struct multiboot_addresses - where a flat image goes, as its header says
 * @offset: of the first byte in the file
 * @filesz: bytes of the file
 * @load: address of the first byte
 * @memsz: bytes in memory
 */
struct multiboot_addresses {
	uint64_t offset;
	uint64_t filesz;
	gpa_t load;
	uint64_t memsz;
};

/**
 * struct multiboot_fields - address fields of a header, the same in 1 and 2
 * @header_addr: address of the header
 * @load_addr: address of the first byte
 * @load_end_addr: end of the bytes in the file; 0 = the whole file
 * @bss_end_addr: end in memory; 0 = no more than the file
 */
struct multiboot_fields {
	uint32_t header_addr;
	uint32_t load_addr;
	uint32_t load_end_addr;
	uint32_t bss_end_addr;
};

/**
 * multiboot_addresses() - check address fields against the file
 * @img: image
 * @header: offset of the header in the file
 * @f: as in the header
 * @ret: written on success
 * @e: says which fields contradict each other or the file
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check multiboot_addresses(const struct image *img, uint64_t header,
				   const struct multiboot_fields *f,
				   struct multiboot_addresses *ret,
				   struct err *e);

/**
 * struct multiboot - an image in memory with all it is told
 * @h: info block, open for the tables of the protocol
 * @place: RAM
 * @words: what Diver adds to the command line, or ""
 * @file: modules, then initial RAM disks
 * @files: entries of @file
 */
struct multiboot {
	struct handover h;
	struct place place;
	const char *words;
	struct placed_file file[MULTIBOOT_FILES_MAX];
	unsigned int files;
};

/**
 * multiboot_load() - load the image and the modules, start the info block
 * @mb: written; must not move afterwards
 * @img: image
 * @req: the machine and the files; borrowed
 * @a: address fields; NULL = load as ELF
 * @slide: added to every address
 * @e: says what does not fit
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check multiboot_load(struct multiboot *mb, const struct image *img,
			      const struct load_request *req,
			      const struct multiboot_addresses *a,
			      uint64_t slide, struct err *e);

#endif
