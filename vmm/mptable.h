/* SPDX-License-Identifier: Apache-2.0 */
/* MultiProcessor table of the PC board, for kernels without ACPI. */
#ifndef VMM_MPTABLE_H
#define VMM_MPTABLE_H

#include "base/err.h"
#include "base/gmem.h"
#include "loader/board.h"

#define MPTABLE_AREA_SIZE 0x1000

/**
 * mptable_write() - put the table into guest memory
 * @board: cpus
 * @gpa: where the floating pointer goes, 16-byte aligned, within
 *	0xf0000-0xfffff where kernels look for it; the table follows
 * @mem: memory
 * @e: why not
 *
 * Return: 0, or -EFAULT when MPTABLE_AREA_SIZE bytes from @gpa are not memory.
 */
int must_check mptable_write(const struct board *board, gpa_t gpa,
			     const struct gmem *mem, struct err *e);

#endif
