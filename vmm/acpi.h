/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI tables of the PC board. */
#ifndef VMM_ACPI_H
#define VMM_ACPI_H

#include "base/err.h"
#include "base/gmem.h"
#include "loader/board.h"

#define ACPI_AREA_SIZE 0x4000 /* bytes from board->rsdp that may be used */

/**
 * acpi_write() - put the tables into guest memory
 * @board: cpus, and rsdp: where the RSDP goes, 64-byte aligned, below 4 GiB;
 *	the tables follow it
 * @mem: memory, zero from board->rsdp on
 * @e: why not
 *
 * Return: 0, or -EFAULT when ACPI_AREA_SIZE bytes from board->rsdp are not
 * memory.
 */
int must_check acpi_write(const struct board *board, const struct gmem *mem,
			  struct err *e);

#endif
