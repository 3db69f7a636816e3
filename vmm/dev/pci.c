// SPDX-License-Identifier: Apache-2.0
// PCI host bridge: ports 0xcf8 and ECAM show the same configuration space.
#include "vmm/dev/pci.h"

#define ADDRESS_ENABLE 0x80000000u
#define ADDRESS_VALID  0x80fffffcu /* the other bits read 0 */

/* Offsets from PCI_CONFIG_PORT. */
#define PORT_RESET 1
#define PORT_DATA  4

#define RST_CPU 0x04

/* Registers of a function, PCI Local Bus 3.0, 6.1. */
#define CFG_VENDOR     0x00
#define CFG_DEVICE     0x02
#define CFG_COMMAND    0x04
#define CFG_CLASS      0x0b
#define CFG_CACHE_LINE 0x0c
#define CFG_LATENCY    0x0d
#define CFG_INT_LINE   0x3c

/* Which bits of the bridge can be written; it has no BAR to size. */
static uint8_t bridge_writable(unsigned int reg)
{
	switch (reg) {
	case CFG_COMMAND:
		return 0x47;
	case CFG_COMMAND + 1:
		return 0x05;
	case CFG_CACHE_LINE:
	case CFG_LATENCY:
	case CFG_INT_LINE:
		return 0xff;
	default:
		return 0;
	}
}

/*
 * @function is bus, device and function as in a requester ID, @reg below 4096;
 * only 00:00.0 is there, without extended capabilities.
 */
static uint8_t config_read(const struct pci *pci, uint32_t function,
			   uint32_t reg)
{
	if (function != 0)
		return 0xff;
	return reg < PCI_CONFIG_SIZE ? pci->bridge[reg] : 0;
}

static void config_write(struct pci *pci, uint32_t function, uint32_t reg,
			 uint8_t value)
{
	uint8_t mask;

	if (function != 0 || reg >= PCI_CONFIG_SIZE)
		return;
	mask = bridge_writable(reg);
	pci->bridge[reg] =
		(uint8_t)((pci->bridge[reg] & ~mask) | (value & mask));
}

static uint64_t port_read(void *dev, uint64_t offset, unsigned int size)
{
	const struct pci *pci = dev;
	uint32_t function = pci->address >> 8 & 0xffff;
	uint32_t reg = (pci->address & 0xfc) + (uint32_t)offset - PORT_DATA;
	uint64_t value = 0;

	if (offset == 0 && size == 4)
		return pci->address;
	if (offset == PORT_RESET && size == 1)
		return pci->reset;
	if (offset < PORT_DATA || !(pci->address & ADDRESS_ENABLE))
		return UINT64_MAX;
	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)config_read(pci, function, reg + i)
			 << (8 * i);
	return value;
}

static void port_write(void *dev, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	struct pci *pci = dev;
	uint32_t function = pci->address >> 8 & 0xffff;
	uint32_t reg = (pci->address & 0xfc) + (uint32_t)offset - PORT_DATA;

	if (offset == 0 && size == 4) {
		pci->address = (uint32_t)value & ADDRESS_VALID;
		return;
	}
	if (offset == PORT_RESET && size == 1) {
		pci->reset = (uint8_t)(value & ~(uint64_t)RST_CPU);
		exits_fire(pci->exits, EXIT_PORT_CF9, (uint32_t)value);
		return;
	}
	if (offset < PORT_DATA || !(pci->address & ADDRESS_ENABLE))
		return;
	for (unsigned int i = 0; i < size; i++)
		config_write(pci, function, reg + i,
			     (uint8_t)(value >> (8 * i)));
}

static uint64_t ecam_read(void *dev, uint64_t offset, unsigned int size)
{
	const struct pci *pci = dev;
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++) {
		uint32_t at = (uint32_t)offset + i;

		value |= (uint64_t)config_read(pci, at >> 12, at & 0xfff)
			 << (8 * i);
	}
	return value;
}

static void ecam_write(void *dev, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	struct pci *pci = dev;

	for (unsigned int i = 0; i < size; i++) {
		uint32_t at = (uint32_t)offset + i;

		config_write(pci, at >> 12, at & 0xfff,
			     (uint8_t)(value >> (8 * i)));
	}
}

static const struct bus_ops port_ops = {
	.read = port_read,
	.write = port_write,
	.size_max = 4,
};

static const struct bus_ops ecam_ops = {
	.read = ecam_read,
	.write = ecam_write,
	.size_max = 4,
};

void pci_attach(struct pci *pci, struct bus *pio, struct bus *mmio,
		uint64_t ecam, const struct exits *exits)
{
	*pci = (struct pci){ .exits = exits };
	/* Intel 82Q35 memory controller hub: a bridge known to have ECAM. */
	pci->bridge[CFG_VENDOR] = 0x86;
	pci->bridge[CFG_VENDOR + 1] = 0x80;
	pci->bridge[CFG_DEVICE] = 0xc0;
	pci->bridge[CFG_DEVICE + 1] = 0x29;
	pci->bridge[CFG_COMMAND] = 0x06; /* bus master, memory */
	pci->bridge[CFG_CLASS] = 0x06;   /* bridge, host */
	bus_add(pio, &(struct bus_range){ "pci", PCI_CONFIG_PORT, 8, &port_ops,
					  pci });
	bus_add(mmio, &(struct bus_range){ "pci ecam", ecam, PCI_ECAM_SIZE,
					   &ecam_ops, pci });
}
