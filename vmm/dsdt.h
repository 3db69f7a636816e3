/* SPDX-License-Identifier: Apache-2.0 */
/* The DSDT's code: what ACPI kernels cannot find by probing the PC. */
#ifndef VMM_DSDT_H
#define VMM_DSDT_H

#include "loader/board.h"
#include "vmm/aml.h"

/* GSIs of the PCI interrupt pins: first and how many. */
#define DSDT_PCI_GSI  16
#define DSDT_PCI_GSIS 8

/**
 * dsdt_write() - append the code behind the table header
 * @a: room for 5 KiB
 * @board: virtio-mmio devices
 */
void dsdt_write(struct aml *a, const struct board *board);

#endif
