/* SPDX-License-Identifier: Apache-2.0 */
/* Transport virtio over PCI, transitional (virtio 1.2, 4.1). */
#ifndef VMM_VIRTIO_PCI_H
#define VMM_VIRTIO_PCI_H

#include "vmm/dev/pci.h"
#include "vmm/virtio/device.h"
#include "vmm/wire.h"

#define VIRTIO_PCI_PORTS     0x80u   /* size of BAR 0: the legacy interface */
#define VIRTIO_PCI_MEMORY    0x8000u /* size of BAR 1: everything else */
#define VIRTIO_PCI_VECTORS   (VIRTIO_QUEUES_MAX + 1)
#define VIRTIO_PCI_NO_VECTOR 0xffffu

/**
 * struct virtio_pci_wires - what a function is connected to
 * @pio: where BAR 0 is decoded
 * @mmio: where BAR 1 is decoded
 * @irq: INTA, level; 1 = asserted
 * @irq_number: what the interrupt line register says
 * @msi: sends a message
 * @wire: the message of a queue from now on; 0 as address = none, or masked.
 *	Who has virtio_device.call need not come by here while there is one
 * @ctx: passed to @msi and @wire
 */
struct virtio_pci_wires {
	struct bus *pio;
	struct bus *mmio;
	struct irq_line irq;
	uint8_t irq_number;
	void (*msi)(void *ctx, uint64_t address, uint32_t data);
	void (*wire)(void *ctx, unsigned int queue, uint64_t address,
		     uint32_t data);
	void *ctx;
};

/**
 * struct virtio_pci - a PCI function with a virtio device behind it
 * @pci: configuration space; first, so that one pointer is both
 * @device: borrowed
 * @w: the outside
 * @port: where BAR 0 is decoded; 0 = nowhere
 * @memory: where BAR 1 is decoded; 0 = nowhere
 * @device_half: which 32 features are read
 * @driver_half: which 32 features are written
 * @selected: which queue the queue registers are about
 * @isr: ISR status
 * @line: level of INTA
 * @vector: MSI-X vector of each queue, and of VIRTIO_CONFIG
 * @table: MSI-X table: address, data, mask of each vector
 * @pending: vectors whose message waits behind a mask
 */
struct virtio_pci {
	struct pci_function pci;
	struct virtio_device *device;
	struct virtio_pci_wires w;
	uint64_t port;
	uint64_t memory;
	uint32_t device_half;
	uint32_t driver_half;
	uint16_t selected;
	uint8_t isr;
	int line;
	uint16_t vector[VIRTIO_QUEUES_MAX + 1];
	uint32_t table[VIRTIO_PCI_VECTORS][4];
	uint32_t pending;
};

/**
 * virtio_pci_attach() - put a device on PCI bus 0, as firmware leaves it
 * @t: any content; stays where it is, owned by the caller
 * @device: connected to this transport
 * @pci: host bridge
 * @number: device number on the bus
 * @w: copied
 * @at: where the BARs are: port, and address of memory
 */
void virtio_pci_attach(struct virtio_pci *t, struct virtio_device *device,
		       struct pci *pci, unsigned int number,
		       const struct virtio_pci_wires *w, const uint64_t at[2]);

/* pci_regs.c: what is behind the BARs, for pci.c */

/**
 * virtio_pci_bar_read() - the guest reads from a BAR
 * @t: function
 * @bar: 0 or 1
 * @offset: inside the BAR
 * @size: 1, 2, 4 or 8; offset + size may not leave the BAR
 *
 * Return: the value.
 */
uint64_t virtio_pci_bar_read(struct virtio_pci *t, unsigned int bar,
			     uint64_t offset, unsigned int size);

/**
 * virtio_pci_bar_write() - the guest writes to a BAR
 * @t: function
 * @bar: 0 or 1
 * @offset: inside the BAR
 * @size: 1, 2, 4 or 8
 * @value: the value
 */
void virtio_pci_bar_write(struct virtio_pci *t, unsigned int bar,
			  uint64_t offset, unsigned int size, uint64_t value);

/* pci.c, for pci_regs.c */

/**
 * virtio_pci_msix() - are messages used instead of INTA
 * @t: function
 *
 * Return: true when the driver has enabled MSI-X.
 */
bool virtio_pci_msix(const struct virtio_pci *t);

/**
 * virtio_pci_read_isr() - read and clear the ISR
 * @t: function; INTA goes down
 *
 * Return: what it was.
 */
uint8_t virtio_pci_read_isr(struct virtio_pci *t);

/**
 * virtio_pci_deliver() - send messages that no mask holds back any more
 * @t: function; masks, messages or vectors have changed
 */
void virtio_pci_deliver(struct virtio_pci *t);

/**
 * virtio_pci_status() - the driver writes the device status
 * @t: function
 * @value: 0 resets the transport's part, too
 */
void virtio_pci_status(struct virtio_pci *t, uint8_t value);

#endif
