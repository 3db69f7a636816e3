/* SPDX-License-Identifier: Apache-2.0 */
/* PCI: a host bridge, and functions of others on bus 0. */
#ifndef VMM_DEV_PCI_H
#define VMM_DEV_PCI_H

#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/dev/exit.h"

#define PCI_CONFIG_PORT 0xcf8
#define PCI_CONFIG_SIZE 256
#define PCI_ECAM_SIZE   (1u << 20) /* one bus */

#define PCI_DEVICES 32

/* Registers of a function, PCI Local Bus 3.0, 6.1. */
#define PCI_CFG_VENDOR     0x00
#define PCI_CFG_DEVICE     0x02
#define PCI_CFG_COMMAND    0x04
#define PCI_CFG_STATUS     0x06
#define PCI_CFG_REVISION   0x08
#define PCI_CFG_CLASS      0x0a /* subclass and class */
#define PCI_CFG_CACHE_LINE 0x0c
#define PCI_CFG_LATENCY    0x0d
#define PCI_CFG_BAR0       0x10
#define PCI_CFG_BAR1       0x14
#define PCI_CFG_SUB_VENDOR 0x2c
#define PCI_CFG_SUB_ID     0x2e
#define PCI_CFG_CAP_LIST   0x34
#define PCI_CFG_INT_LINE   0x3c
#define PCI_CFG_INT_PIN    0x3d

/**
 * struct pci_function - function 0 of a device on bus 0
 * @config: its registers, little endian
 * @writable: bits of each byte that the guest can write
 * @reading: called before @size bytes at @reg are read; may be NULL
 * @written: called after they were written; may be NULL
 */
struct pci_function {
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE];
	void (*reading)(struct pci_function *f, unsigned int reg,
			unsigned int size);
	void (*written)(struct pci_function *f, unsigned int reg,
			unsigned int size);
};

/**
 * struct pci - configuration space of bus 0 (PCI Local Bus 3.0, 3.2.2.3.2;
 * PCI Express 2.0, 7.2.2)
 * @exits: told of a reset through port 0xcf9
 * @address: CONFIG_ADDRESS
 * @reset: reset control, port 0xcf9, without the reset bit
 * @bridge: 00:00.0
 * @function: who is there, by device number; borrowed, NULL = nobody
 */
struct pci {
	const struct exits *exits;
	uint32_t address;
	uint8_t reset;
	struct pci_function bridge;
	struct pci_function *function[PCI_DEVICES];
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

/**
 * pci_add() - put a function on bus 0
 * @pci: attached
 * @device: its number, 1 .. PCI_DEVICES - 1, free (asserted)
 * @f: borrowed
 */
void pci_add(struct pci *pci, unsigned int device, struct pci_function *f);

/**
 * pci_set() - set a register, whatever the guest may write
 * @f: function
 * @reg: first byte
 * @size: 1 to 4
 * @value: the value
 */
void pci_set(struct pci_function *f, unsigned int reg, unsigned int size,
	     uint32_t value);

/**
 * pci_get() - read a register
 * @f: function
 * @reg: first byte
 * @size: 1 to 4
 *
 * Return: the value.
 */
uint32_t pci_get(const struct pci_function *f, unsigned int reg,
		 unsigned int size);

#endif
