/* SPDX-License-Identifier: Apache-2.0 */
/* The machine as a flattened device tree (contract section 5). */
#ifndef LOADER_FDT_H
#define LOADER_FDT_H

#include "loader/contract.h"

#define FDT_SIZE_MAX 65536u

/**
 * struct fdt_extra - what only the loaded image adds to the board
 * @image: where the image lies
 * @initrd: where the initial RAM disk lies; size 0 = none
 */
struct fdt_extra {
	struct board_range image;
	struct board_range initrd;
};

/**
 * fdt_write() - describe a contract machine
 * @req: board and command line
 * @area: where Diver's part of memory lies
 * @extra: what the image adds
 * @to: FDT_SIZE_MAX bytes
 * @e: says that the description is too long
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check fdt_write(const struct load_request *req,
			 const struct contract_area *area,
			 const struct fdt_extra *extra, void *to,
			 struct err *e);

#endif
