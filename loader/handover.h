/* SPDX-License-Identifier: Apache-2.0 */
/* What foreign kernels are handed: one block of boot data, and the CPU. */
#ifndef LOADER_HANDOVER_H
#define LOADER_HANDOVER_H

#include "loader/place.h"

/**
 * struct handover - the info block while it is written
 * @place: RAM
 * @info: address of the info block
 * @used: bytes of it
 * @gdt: address of the GDT, the first thing in it
 * @stack: initial stack pointer
 */
struct handover {
	struct place *place;
	gpa_t info;
	uint64_t used;
	gpa_t gdt;
	gpa_t stack;
};

/**
 * handover_init() - take info block and stack, write the GDT
 * @h: written
 * @p: image and modules already taken; borrowed
 * @e: says what did not fit
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check handover_init(struct handover *h, struct place *p,
			     struct err *e);

/**
 * handover_put() - append a structure to the info block
 * @h: info block
 * @from: bytes to copy; NULL leaves zeros, to be written later
 * @size: bytes
 * @ret: address, a multiple of 8, below 4 GiB
 * @e: says that the block is full
 *
 * Nothing lies between it and what was put before but padding to 8 bytes.
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check handover_put(struct handover *h, const void *from, uint64_t size,
			    gpa_t *ret, struct err *e);

/**
 * handover_put_words() - append words as one string
 * @h: info block
 * @img: its file name, without folders, is the first word; NULL = no such word
 * @more: words to add, or ""
 * @words: the user's words, or ""
 * @ret: address, below 4 GiB
 * @e: says that the string is too long
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check handover_put_words(struct handover *h, const struct image *img,
				  const char *more, const char *words,
				  gpa_t *ret, struct err *e);

/**
 * handover_enter32() - flat 32-bit protected mode, paging off
 * @h: info block
 * @rip: physical address
 * @ret: RAX, RBX and others are 0
 */
void handover_enter32(const struct handover *h, gpa_t rip,
		      struct entry_state *ret);

/**
 * handover_enter_linux32() - the same with the selectors that Linux asks for
 * @h: info block; its GDT is changed
 * @rip: physical address
 * @ret: RSI and others are 0
 * @e: says that the GDT is not memory
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check handover_enter_linux32(const struct handover *h, gpa_t rip,
				      struct entry_state *ret, struct err *e);

/**
 * handover_enter64() - long mode, the first 4 GiB mapped one to one
 * @h: info block; page tables are taken and written
 * @rip: physical address
 * @ret: RSI and others are 0
 * @e: says that the tables do not fit
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check handover_enter64(const struct handover *h, gpa_t rip,
				struct entry_state *ret, struct err *e);

#endif
