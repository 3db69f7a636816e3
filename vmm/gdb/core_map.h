/* SPDX-License-Identifier: Apache-2.0 */
/* The segments of a core: what of guest memory lies at which address. */
#ifndef VMM_CORE_MAP_H
#define VMM_CORE_MAP_H

#include <elf.h>
#include <stddef.h>

#include "base/pagewalk.h"

/* e_phnum has 16 bits, the last value means something else (ELF gABI 4). */
#define CORE_LOADS_MAX 65000u

/**
 * struct core_map - PT_LOAD headers
 * @load: owned; release with free()
 * @loads: entries of @load
 * @room: entries that fit
 * @full: there were more mappings than CORE_LOADS_MAX
 */
struct core_map {
	Elf64_Phdr *load;
	size_t loads;
	size_t room;
	bool full;
};

/**
 * core_map_make() - list all memory that a CPU reaches
 * @map: written; p_offset counts from the first byte of the first region, all
 *	regions lie one behind the other
 * @mem: guest memory; page tables in it need not make sense
 * @regs: whose page tables
 *
 * Return: 0 or -ENOMEM.
 */
int must_check core_map_make(struct core_map *map, const struct gmem *mem,
			     const struct cpu_regs *regs);

#endif
