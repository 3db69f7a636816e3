/* SPDX-License-Identifier: Apache-2.0 */
/* A contract machine's memory and a small contract kernel to load into it. */
#ifndef LOADER_TEST_BAY_H
#define LOADER_TEST_BAY_H

#include "base/pagewalk.h"
#include "contract/dive/note.h"
#include "lab.h"
#include "loader/contract.h"

#define BAY_LINK  0x200000u
#define BAY_ENTRY 0x200010u
#define BAY_FILE  0x6000

enum {
	BAY_NOTE,
	BAY_TEXT,   /* 0x200000, 0x1800 bytes, filled with 0x11 */
	BAY_RODATA, /* 0x202000, 0x800 bytes, 0x22 */
	BAY_DATA,   /* 0x203000, 0x3000 bytes, the first 0x400 are 0x33 */
	BAY_SEGMENTS,
};

/**
 * struct bay - image, machine and result; a test changes what it is about
 * @mem: the RAM of @board
 * @board: one CPU, xAPIC mode, rings of 4 KiB
 * @req: no files, no arguments
 * @host: of the first RAM address
 * @size: bytes of RAM
 * @file: the image, written by bay_load()
 * @segment: program headers
 * @flags: their PF_*
 * @segments: entries used
 * @note: descriptor of the note
 * @note_size: its size as the note tells it
 * @entry: e_entry
 * @img: opened by bay_load()
 * @loaded: from bay_load()
 * @e: last error
 */
struct bay {
	struct gmem mem;
	struct board board;
	struct load_request req;
	uint8_t *host;
	uint64_t size;
	uint8_t file[BAY_FILE];
	struct lab_segment segment[BAY_SEGMENTS + 4];
	uint32_t flags[BAY_SEGMENTS + 4];
	size_t segments;
	struct dive_note note;
	uint32_t note_size;
	uint64_t entry;
	struct image img;
	struct loaded loaded;
	struct err e;
};

/**
 * bay_setup() - a machine and a relocatable kernel, nothing loaded yet
 * @b: written
 * @base: first RAM address
 * @size: bytes, a multiple of 4096
 */
void bay_setup(struct bay *b, gpa_t base, uint64_t size);

/**
 * bay_teardown() - release everything
 * @b: after bay_setup()
 */
void bay_teardown(struct bay *b);

/**
 * bay_load() - write the file, probe it, load it into cleared memory
 * @b: loaded and e are written
 *
 * Return: as the protocol's load, -ENOENT when the probe does not offer it (e
 * has its reason).
 */
int must_check bay_load(struct bay *b);

/**
 * bay_rights() - what the first page tables say of an address
 * @b: loaded
 * @va: virtual address
 * @ret_gpa: where it leads; may be NULL
 *
 * Return: "-" when not mapped, else one of "r", "rw", "rx", "rwx".
 */
const char *bay_rights(const struct bay *b, gva_t va, gpa_t *ret_gpa);

#endif
