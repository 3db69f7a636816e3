/* SPDX-License-Identifier: Apache-2.0 */
/* The part of RAM that Diver keeps in a contract machine. */
#ifndef LOADER_CONTRACT_H
#define LOADER_CONTRACT_H

#include "loader/board.h"
#include "loader/protocol.h"

enum contract_ring {
	CONTRACT_CONSOLE,
	CONTRACT_STDIN,
	CONTRACT_STDOUT,
	CONTRACT_RINGS,
};

/**
 * struct contract_area - where things lie, at the top of the last RAM range
 * @gpa: start, page aligned
 * @size: bytes, up to the end of the RAM range
 * @tables: page tables
 * @tables_size: bytes
 * @control: control page
 * @stacks: per CPU an unmapped guard page and DIVE_STACK_SIZE bytes
 * @cpu_pages: per CPU one page (contract/stub/stub.h)
 * @ring: header of each ring
 * @readonly: start of what the guest may not write: stub, then FDT
 * @fdt: flattened device tree
 */
struct contract_area {
	gpa_t gpa;
	uint64_t size;
	gpa_t tables;
	uint64_t tables_size;
	gpa_t control;
	gpa_t stacks;
	gpa_t cpu_pages;
	gpa_t ring[CONTRACT_RINGS];
	gpa_t readonly;
	gpa_t fdt;
};

/**
 * contract_plan() - lay out the area for a board
 * @board: RAM ranges, cpus and ring_size are used
 * @ret: written on success
 * @e: says how much memory is missing
 *
 * Pure: the same board gives the same plan, before and during the load.
 *
 * Return: 0, or -ENOEXEC when RAM is too small.
 */
int must_check contract_plan(const struct board *board,
			     struct contract_area *ret, struct err *e);

#endif
