/* SPDX-License-Identifier: Apache-2.0 */
/* Finds room in RAM: nothing that was placed is ever overwritten. */
#ifndef LOADER_PLACE_H
#define LOADER_PLACE_H

#include "loader/protocol.h"

/* Every program header, every file, and what the layout has. */
#define PLACE_MAX (IMAGE_PHDRS_MAX + 2 * LOAD_FILES_MAX + 8)

/**
 * struct extent - a range of addresses
 * @lo: first address
 * @hi: first address behind it
 */
struct extent {
	gpa_t lo;
	gpa_t hi;
};

/**
 * struct place - what of RAM is taken
 * @req: the machine and the files
 * @taken: in any order; segments of a strange image may overlap
 * @count: entries of @taken
 * @top: end of the image and the modules behind it
 */
struct place {
	const struct load_request *req;
	struct extent taken[PLACE_MAX];
	unsigned int count;
	gpa_t top;
};

/**
 * struct place_want - room wanted
 * @what: for the message
 * @size: bytes, not 0
 * @align: power of two
 * @prefer: taken when it is free; 0 = no wish
 * @lo: lowest address allowed
 * @hi: the room ends here at the latest
 * @top_down: the highest place rather than the lowest
 */
struct place_want {
	const char *what;
	uint64_t size;
	uint64_t align;
	gpa_t prefer;
	gpa_t lo;
	gpa_t hi;
	bool top_down;
};

/**
 * struct placed_file - a module in guest memory
 * @gpa: page-aligned address
 * @size: bytes
 * @file: what it is
 */
struct placed_file {
	gpa_t gpa;
	uint64_t size;
	const struct load_file *file;
};

/**
 * place_image() - take a range for the image
 * @p: zeroed but for @req before the first call
 * @lo: first address
 * @size: bytes
 * @e: says that it is not RAM
 *
 * Return: 0, or -ENOEXEC when the range is not RAM below 4 GiB.
 */
int must_check place_image(struct place *p, gpa_t lo, uint64_t size,
			   struct err *e);

/**
 * place_find() - find and take room
 * @p: image already taken
 * @want: what is needed
 * @ret: address
 * @e: says what did not fit
 *
 * Return: 0, or -ENOEXEC when there is no such room.
 */
int must_check place_find(struct place *p, const struct place_want *want,
			  gpa_t *ret, struct err *e);

/**
 * place_elf() - load the segments of an ELF image
 * @p: nothing taken yet
 * @img: ELF image
 * @slide: added to every physical address
 * @e: says which segment does not fit
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check place_elf(struct place *p, const struct image *img,
			 uint64_t slide, struct err *e);

/**
 * place_extent() - physical addresses an ELF image is linked at
 * @img: any image
 * @ret: from the lowest to the highest PT_LOAD with bytes in memory
 * @e: says why there is none
 *
 * Return: 0, or -ENOEXEC (no ELF, no segment, damaged).
 */
int must_check place_extent(const struct image *img, struct extent *ret,
			    struct err *e);

/**
 * place_entry() - physical address of an entry point
 * @img: ELF image
 * @addr: physical, or virtual when no segment has it as physical address
 * @ret: physical address
 * @e: says that no segment holds it
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check place_entry(const struct image *img, uint64_t addr, gpa_t *ret,
			   struct err *e);

/**
 * place_modules() - load the modules behind the image
 * @p: image already taken
 * @with_initrds: initial RAM disks are modules too, after the others
 * @ret: room for 2 * LOAD_FILES_MAX
 * @ret_count: entries written
 * @e: names the file that does not fit
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check place_modules(struct place *p, bool with_initrds,
			     struct placed_file *ret, unsigned int *ret_count,
			     struct err *e);

/**
 * place_initrd() - load all initial RAM disks one behind the other
 * @p: image already taken
 * @hi: the end may not be above
 * @ret: first file and joint size; size 0 = there are none
 * @e: says how much room was missing
 *
 * Linux unpacks them in order when each starts at a multiple of 4.
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check place_initrd(struct place *p, gpa_t hi, struct placed_file *ret,
			    struct err *e);

#endif
