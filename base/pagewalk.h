/* SPDX-License-Identifier: Apache-2.0 */
/* A stopped CPU's page tables, read as the CPU would (Intel SDM 3A 4). */
#ifndef BASE_PAGEWALK_H
#define BASE_PAGEWALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/gmem.h"
#include "base/run.h"

#define WALK_STEPS_MAX 5

enum walk_mode {
	WALK_FLAT,  /* paging is off: linear is physical */
	WALK_32BIT, /* 2 levels, 4 KiB and 4 MiB pages */
	WALK_PAE,   /* 3 levels, 4 KiB and 2 MiB pages */
	WALK_LONG,  /* 4 or 5 levels, 4 KiB, 2 MiB and 1 GiB pages */
};

enum walk_end {
	WALK_MAPPED,
	WALK_NOT_PRESENT,   /* the last entry has P = 0 */
	WALK_RESERVED,      /* the last entry has a reserved bit set */
	WALK_NO_TABLE,      /* the next table is not in guest memory */
	WALK_NOT_CANONICAL, /* no walk: bits 63:47 differ (63:56 with LA57) */
};

/**
 * struct walk_step - one table entry on the way
 * @level: 5 = PML5, 4 = PML4, 3 = PDPT, 2 = PD, 1 = PT
 * @gpa: where the entry is
 * @entry: what it holds; 4 bytes in WALK_32BIT
 */
struct walk_step {
	unsigned int level;
	gpa_t gpa;
	uint64_t entry;
};

/**
 * struct walk - the way from a linear address to memory
 * @mode: how the CPU translates
 * @end: how the walk ended
 * @steps: entries of @step that were read
 * @step: from the root down
 * @gpa: physical address, when WALK_MAPPED; where the missing table would
 *	be, when WALK_NO_TABLE
 * @page_size: bytes, when WALK_MAPPED
 * @writable: all levels allow writes
 * @user: all levels allow user mode
 * @no_execute: some level forbids instruction fetch
 * @in_ram: @gpa is guest memory
 */
struct walk {
	enum walk_mode mode;
	enum walk_end end;
	unsigned int steps;
	struct walk_step step[WALK_STEPS_MAX];
	gpa_t gpa;
	uint64_t page_size;
	bool writable;
	bool user;
	bool no_execute;
	bool in_ram;
};

/**
 * pagewalk() - translate one linear address
 * @m: guest memory; its contents need not make sense
 * @regs: CR0, CR3, CR4 and EFER decide
 * @va: linear address
 * @ret: written
 */
void pagewalk(const struct gmem *m, const struct cpu_regs *regs, gva_t va,
	      struct walk *ret);

/**
 * pagewalk_read() - copy bytes at a linear address
 * @m: guest memory
 * @regs: as for pagewalk()
 * @va: first byte
 * @to: destination
 * @size: bytes
 *
 * Rights are not looked at.
 *
 * Return: bytes copied; fewer than @size when a page is not mapped memory.
 */
size_t pagewalk_read(const struct gmem *m, const struct cpu_regs *regs,
		     gva_t va, void *to, size_t size);

#endif
