// SPDX-License-Identifier: Apache-2.0
// PCI host bridge: ports 0xcf8 and ECAM show the same configuration space.
#include "vmm/dev/pci.h"

#include <assert.h>
#include <stddef.h>

#define ADDRESS_ENABLE 0x80000000u
#define ADDRESS_VALID  0x80fffffcu /* the other bits read 0 */

/* Offsets from PCI_CONFIG_PORT. */
#define PORT_RESET 1
#define PORT_DATA  4

#define RST_CPU 0x04

void pci_set(struct pci_function *f, unsigned int reg, unsigned int size,
	     uint32_t value)
{
	for (unsigned int i = 0; i < size; i++)
		f->config[reg + i] = (uint8_t)(value >> (8 * i));
}

uint32_t pci_get(const struct pci_function *f, unsigned int reg,
		 unsigned int size)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint32_t)f->config[reg + i] << (8 * i);
	return value;
}

/* @id is bus, device and function as in a requester ID. */
static struct pci_function *find(const struct pci *pci, uint32_t id)
{
	return id % 8 || id >= 8 * PCI_DEVICES ? NULL : pci->function[id / 8];
}

/* @reg below 4096: there are no extended capabilities. */
static uint64_t config_read(const struct pci *pci, uint32_t id, uint32_t reg,
			    unsigned int size)
{
	struct pci_function *f = find(pci, id);

	if (!f)
		return UINT64_MAX;
	if (reg + size > PCI_CONFIG_SIZE)
		return 0;
	if (f->reading)
		f->reading(f, reg, size);
	return pci_get(f, reg, size);
}

static void config_write(struct pci *pci, uint32_t id, uint32_t reg,
			 unsigned int size, uint64_t value)
{
	struct pci_function *f = find(pci, id);

	if (!f || reg + size > PCI_CONFIG_SIZE)
		return;
	for (unsigned int i = 0; i < size; i++) {
		uint8_t mask = f->writable[reg + i];
		uint8_t byte = (uint8_t)(value >> (8 * i));

		f->config[reg + i] =
			(uint8_t)((f->config[reg + i] & ~mask) | (byte & mask));
	}
	if (f->written)
		f->written(f, reg, size);
}

static uint64_t port_read(void *dev, uint64_t offset, unsigned int size)
{
	const struct pci *pci = dev;
	uint32_t function = pci->address >> 8 & 0xffff;
	uint32_t reg = (pci->address & 0xfc) + (uint32_t)offset - PORT_DATA;

	if (offset == 0 && size == 4)
		return pci->address;
	if (offset == PORT_RESET && size == 1)
		return pci->reset;
	if (offset < PORT_DATA || !(pci->address & ADDRESS_ENABLE))
		return UINT64_MAX;
	return config_read(pci, function, reg, size);
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
	config_write(pci, function, reg, size, value);
}

/* An access that crosses the end of a function is nobody's. */
static uint64_t ecam_read(void *dev, uint64_t offset, unsigned int size)
{
	uint32_t at = (uint32_t)offset;

	return config_read(dev, at >> 12, at & 0xfff, size);
}

static void ecam_write(void *dev, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	uint32_t at = (uint32_t)offset;

	config_write(dev, at >> 12, at & 0xfff, size, value);
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
	struct pci_function *f = &pci->bridge;

	*pci = (struct pci){ .exits = exits };
	/* Intel 82Q35 memory controller hub: a bridge known to have ECAM. */
	pci_set(f, PCI_CFG_VENDOR, 4, 0x29c08086);
	pci_set(f, PCI_CFG_COMMAND, 2, 0x0006); /* bus master, memory */
	pci_set(f, PCI_CFG_CLASS, 2, 0x0600);   /* bridge, host */
	f->writable[PCI_CFG_COMMAND] = 0x47;
	f->writable[PCI_CFG_COMMAND + 1] = 0x05;
	f->writable[PCI_CFG_CACHE_LINE] = 0xff;
	f->writable[PCI_CFG_LATENCY] = 0xff;
	f->writable[PCI_CFG_INT_LINE] = 0xff;
	pci->function[0] = f;
	bus_add(pio, &(struct bus_range){ "pci", PCI_CONFIG_PORT, 8, &port_ops,
					  pci });
	bus_add(mmio, &(struct bus_range){ "pci ecam", ecam, PCI_ECAM_SIZE,
					   &ecam_ops, pci });
}

void pci_add(struct pci *pci, unsigned int device, struct pci_function *f)
{
	assert(device > 0 && device < PCI_DEVICES && !pci->function[device]);
	pci->function[device] = f;
}
