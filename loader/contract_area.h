/* SPDX-License-Identifier: Apache-2.0 */
/* Filling and mapping the area of loader/contract.h. */
#ifndef LOADER_CONTRACT_AREA_H
#define LOADER_CONTRACT_AREA_H

#include "loader/contract.h"
#include "loader/pagetable.h"

/**
 * contract_area_fill() - write control page, CPU pages, rings and stub
 * @req: memory (zero) and board
 * @area: as planned for the same board
 * @kernel_entry: virtual address where CPU 0 enters the kernel
 */
void contract_area_fill(const struct load_request *req,
			const struct contract_area *area,
			uint64_t kernel_entry);

/**
 * contract_area_map() - map RAM and the area as contract section 3 says
 * @req: memory and board
 * @area: as planned
 * @pt: tables, nothing mapped yet
 * @e: says that the tables are full
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check contract_area_map(const struct load_request *req,
				 const struct contract_area *area,
				 struct pagetable *pt, struct err *e);

#endif
