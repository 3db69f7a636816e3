// SPDX-License-Identifier: Apache-2.0
// A bell on PCI: configuration space and INTA.
#include "vmm/dev/bell.h"

#define COMMAND_NO_INTA 0x0400u
#define STATUS_INTA     0x0008u

static void drive(struct bell *b)
{
	bool rang = pci_get(&b->function, PCI_CFG_STATUS, 2) & STATUS_INTA;
	bool off = pci_get(&b->function, PCI_CFG_COMMAND, 2) & COMMAND_NO_INTA;

	if (b->level == (rang && !off))
		return;
	b->level = !b->level;
	b->irq.set(b->irq.ctx, b->irq.gsi, b->level);
}

static void written(struct pci_function *f, unsigned int reg, unsigned int size)
{
	struct bell *b = (struct bell *)f;

	if (reg <= BELL_ACK && reg + size > BELL_ACK)
		pci_set(f, PCI_CFG_STATUS, 2, 0);
	drive(b);
}

void bell_attach(struct bell *b, struct pci *pci, unsigned int device,
		 const struct irq_line *irq, unsigned int number)
{
	struct pci_function *f = &b->function;

	*b = (struct bell){ .function.written = written, .irq = *irq };
	pci_set(f, PCI_CFG_VENDOR, 4, BELL_DEVICE << 16 | BELL_VENDOR);
	pci_set(f, PCI_CFG_CLASS, 2, 0xff00); /* of no class */
	pci_set(f, PCI_CFG_SUB_VENDOR, 4, BELL_DEVICE << 16 | BELL_VENDOR);
	pci_set(f, PCI_CFG_INT_LINE, 1, number);
	pci_set(f, PCI_CFG_INT_PIN, 1, 1); /* INTA */
	f->writable[PCI_CFG_COMMAND] = 0x07;
	f->writable[PCI_CFG_COMMAND + 1] = COMMAND_NO_INTA >> 8;
	f->writable[PCI_CFG_INT_LINE] = 0xff;
	pci_add(pci, device, f);
}

void bell_ring(struct bell *b)
{
	pci_set(&b->function, PCI_CFG_STATUS, 2, STATUS_INTA);
	drive(b);
}
