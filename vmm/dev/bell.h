/* SPDX-License-Identifier: Apache-2.0 */
/* A bell on PCI: interrupts Linux for a program, under uio_pci_generic. */
#ifndef VMM_DEV_BELL_H
#define VMM_DEV_BELL_H

#include "vmm/dev/pci.h"
#include "vmm/wire.h"

#define BELL_VENDOR 0x4456u
#define BELL_DEVICE 0x0001u
#define BELL_ACK    0x40u /* register: any write is an acknowledgement */

/**
 * struct bell - configuration space and an interrupt, nothing else
 * @function: as PCI sees it
 * @irq: INTA
 * @level: of it
 *
 * What Linux's uio_pci_generic needs (PCI Local Bus 3.0, 6.2.2 and 6.2.3): the
 * status bit says that it rang, the disable bit of the command register keeps
 * it from interrupting. A program takes a ring by a write to BELL_ACK, then
 * clears the disable bit, then looks at what it was rung for.
 */
struct bell {
	struct pci_function function;
	struct irq_line irq;
	int level;
};

/**
 * bell_attach() - put it on the bus
 * @b: any content; stays where it is, owned by the caller
 * @pci: attached
 * @device: its number, free
 * @irq: INTA; copied
 * @number: what the interrupt line register says
 */
void bell_attach(struct bell *b, struct pci *pci, unsigned int device,
		 const struct irq_line *irq, unsigned int number);

/**
 * bell_ring() - ring it
 * @b: attached; device lock held
 */
void bell_ring(struct bell *b);

#endif
