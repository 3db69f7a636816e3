/* SPDX-License-Identifier: Apache-2.0 */
/* Names and source lines for addresses, from the kernel's own ELF file. */
#ifndef LOADER_SYMBOLS_H
#define LOADER_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct symbols;

/**
 * struct symbol_place - what the file says about an address
 * @name: function or object, "" when not known
 * @offset: bytes from its beginning
 * @file: source file as the compiler was told it, "" when not known
 * @line: in @file
 *
 * The strings are cut to fit and hold any bytes: sanitise them for printing.
 */
struct symbol_place {
	char name[128];
	uint64_t offset;
	char file[160];
	unsigned int line;
};

/**
 * symbols_open() - read the symbol table of an ELF file
 * @ret: written on success; release with symbols_close()
 * @fd: any file, open for reading; taken, also on failure
 * @name: for messages
 * @e: says why there are no symbols
 *
 * Return: 0; -ENOEXEC when the file is not ELF or has neither symbols nor
 * line numbers; other -errno.
 */
int must_check symbols_open(struct symbols **ret, int fd, const char *name,
			    struct err *e);

/**
 * symbols_close() - release everything
 * @s: NULL allowed
 */
void symbols_close(struct symbols *s);

/**
 * symbols_has() - does an address belong to the image?
 * @s: symbols
 * @addr: linked virtual address
 *
 * Return: true when a PT_LOAD segment covers it.
 */
bool symbols_has(const struct symbols *s, uint64_t addr);

/**
 * symbols_link_address() - linked address of a physical one
 * @s: symbols
 * @paddr: as in p_paddr
 * @ret: written on success
 *
 * For kernels that still run where they were loaded, below the address they
 * are linked at.
 *
 * Return: false when no PT_LOAD segment covers it.
 */
bool symbols_link_address(const struct symbols *s, uint64_t paddr,
			  uint64_t *ret);

/**
 * symbols_find() - what is at an address?
 * @s: symbols
 * @addr: linked virtual address
 * @ret: written, empty strings for what is not known
 *
 * Return: true when at least the name or the line is known.
 */
bool symbols_find(struct symbols *s, uint64_t addr, struct symbol_place *ret);

#endif
