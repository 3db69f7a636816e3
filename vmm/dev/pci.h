/* SPDX-License-Identifier: Apache-2.0 */
/* PCI: a host bridge and an otherwise empty bus 0. */
#ifndef VMM_DEV_PCI_H
#define VMM_DEV_PCI_H

#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/dev/exit.h"

#define PCI_CONFIG_PORT 0xcf8
#define PCI_CONFIG_SIZE 256
#define PCI_ECAM_SIZE   (1u << 20) /* one bus */

/**
 * struct pci - configuration space of bus 0 (PCI Local Bus 3.0, 3.2.2.3.2;
 * PCI Express 2.0, 7.2.2)
 * @exits: told of a reset through port 0xcf9
 * @address: CONFIG_ADDRESS
 * @reset: reset control, port 0xcf9, without the reset bit
 * @bridge: registers of 00:00.0
 */
struct pci {
	const struct exits *exits;
	uint32_t address;
	uint8_t reset;
	uint8_t bridge[PCI_CONFIG_SIZE];
};

/**
 * pci_attach() - claim the configuration ports and the ECAM window
 * @pci: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 * @mmio: memory bus
 * @ecam: address of the window of PCI_ECAM_SIZE bytes
 * @exits: borrowed
 */
void pci_attach(struct pci *pci, struct bus *pio, struct bus *mmio,
		uint64_t ecam, const struct exits *exits);

#endif
