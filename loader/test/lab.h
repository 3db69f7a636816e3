/* SPDX-License-Identifier: Apache-2.0 */
/* A memory and a PC board to load small images into, made in memory. */
#ifndef LOADER_TEST_LAB_H
#define LOADER_TEST_LAB_H

#include "loader/protocol.h"

/* Where lab_elf() lets the contents of the file begin. */
#define LAB_BODY 0x1000

/**
 * struct lab - memory, board and request, as a machine would have them
 * @mem: one region from 0, with unmapped pages on both sides
 * @board: PC board with an RSDP at 0xe0000
 * @req: empty but for the above
 * @host: of address 0
 * @size: bytes
 */
struct lab {
	struct gmem mem;
	struct board board;
	struct load_request req;
	uint8_t *host;
	uint64_t size;
};

/**
 * struct lab_segment - a program header to be
 * @type: PT_*
 * @offset: in the file
 * @vaddr: linked address
 * @paddr: load address
 * @filesz: bytes in the file
 * @memsz: bytes in memory
 */
struct lab_segment {
	uint32_t type;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
};

/**
 * lab_setup() - map a memory and describe it
 * @lab: written
 * @size: bytes, a multiple of 4096, more than 1 MiB
 */
void lab_setup(struct lab *lab, uint64_t size);

/**
 * lab_teardown() - unmap it
 * @lab: after lab_setup()
 */
void lab_teardown(struct lab *lab);

/**
 * lab_open() - open bytes as an image
 * @ret: written on success
 * @bytes: contents of the file
 * @size: bytes
 * @name: for messages and command lines
 * @e: from image_open_fd()
 *
 * Return: as image_open_fd().
 */
int must_check lab_open(struct image *ret, const void *bytes, size_t size,
			const char *name, struct err *e);

/**
 * lab_elf() - write ELF and program headers to the start of a file
 * @file: at least LAB_BODY bytes
 * @is64: ELF64 x86-64, else ELF32 i386
 * @entry: e_entry
 * @segments: program headers
 * @count: entries of @segments
 */
void lab_elf(uint8_t *file, bool is64, uint64_t entry,
	     const struct lab_segment *segments, size_t count);

/**
 * lab_note() - write an ELF note
 * @to: destination
 * @owner: name
 * @type: n_type
 * @desc: descriptor
 * @size: bytes at @desc
 *
 * Return: bytes written, padded to 4.
 */
size_t lab_note(uint8_t *to, const char *owner, uint32_t type, const void *desc,
		uint32_t size);

/**
 * lab_put32() - write a little-endian word
 * @to: destination
 * @value: word
 */
void lab_put32(uint8_t *to, uint32_t value);

/**
 * lab_get32() - read a word of guest memory
 * @lab: memory
 * @gpa: address, checked
 *
 * Return: the word.
 */
uint32_t lab_get32(const struct lab *lab, gpa_t gpa);

/**
 * lab_get64() - read a double word of guest memory
 * @lab: memory
 * @gpa: address, checked
 *
 * Return: the double word.
 */
uint64_t lab_get64(const struct lab *lab, gpa_t gpa);

/**
 * lab_text() - a string in guest memory
 * @lab: memory
 * @gpa: address, checked
 *
 * Return: the string in place.
 */
const char *lab_text(const struct lab *lab, gpa_t gpa);

#define BENCH_FILE 0x4000

/**
 * struct bench - one image under test, the state of each cmocka test
 * @lab: 8 MiB
 * @file: its bytes, to be written by the test
 * @img: what bench_probe() opened
 * @loaded: from bench_load()
 * @e: last error
 */
struct bench {
	struct lab lab;
	uint8_t file[BENCH_FILE];
	struct image img;
	struct loaded loaded;
	struct err e;
};

/**
 * bench_setup() - cmocka set-up
 * @state: a zeroed struct bench
 *
 * Return: 0.
 */
int bench_setup(void **state);

/**
 * bench_teardown() - cmocka tear-down
 * @state: from bench_setup()
 *
 * Return: 0.
 */
int bench_teardown(void **state);

/**
 * bench_probe() - open @file anew as "/tmp/my kernel" and probe it
 * @b: bench
 * @p: protocol
 *
 * Return: what the protocol found.
 */
struct probe bench_probe(struct bench *b, const struct protocol *p);

/**
 * bench_load() - probe, and load what is offered
 * @b: bench; loaded and e are written
 * @p: protocol
 *
 * Return: as @p->load, -ENOENT when it is not offered (e has the reason).
 */
int must_check bench_load(struct bench *b, const struct protocol *p);

#endif
