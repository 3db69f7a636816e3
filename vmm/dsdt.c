// SPDX-License-Identifier: Apache-2.0
// DSDT of the PC: \_S5, the PCI host bridge, COM1, pvpanic, reserved ranges,
// virtio-mmio.
#include "vmm/dsdt.h"

#include "vmm/board_pc.h"

/* Resource items, ACPI 6.5, 6.4.2 and 6.4.3. */
struct __attribute__((packed)) io_item {
	uint8_t tag;
	uint8_t decode;
	uint16_t min;
	uint16_t max;
	uint8_t align;
	uint8_t length;
};

struct __attribute__((packed)) irq_item {
	uint8_t tag;
	uint16_t mask;
};

struct __attribute__((packed)) fixed32_item {
	uint8_t tag;
	uint16_t size;
	uint8_t writable;
	uint32_t base;
	uint32_t length;
};

struct __attribute__((packed)) word_item {
	uint8_t tag;
	uint16_t size;
	uint8_t type;
	uint8_t flags;
	uint8_t type_flags;
	uint16_t granularity;
	uint16_t min;
	uint16_t max;
	uint16_t offset;
	uint16_t length;
};

struct __attribute__((packed)) dword_item {
	uint8_t tag;
	uint16_t size;
	uint8_t type;
	uint8_t flags;
	uint8_t type_flags;
	uint32_t granularity;
	uint32_t min;
	uint32_t max;
	uint32_t offset;
	uint32_t length;
};

#define TYPE_MEMORY 0
#define TYPE_IO     1
#define TYPE_BUS    2

#define FIXED_RANGE 0x0c /* minimum and maximum are what they say */
#define IO_ENTIRE   0x03
#define MEM_WRITE   0x01 /* not cacheable */

static struct io_item io(uint16_t base, uint8_t length)
{
	return (struct io_item){ 0x47, 1, base, base, 1, length };
}

static struct word_item word_range(uint8_t type, uint16_t min, uint16_t max)
{
	return (struct word_item){
		.tag = 0x88,
		.size = sizeof(struct word_item) - 3,
		.type = type,
		.flags = FIXED_RANGE,
		.type_flags = type == TYPE_IO ? IO_ENTIRE : 0,
		.min = min,
		.max = max,
		.length = (uint16_t)(max - min + 1),
	};
}

static void pci_resources(struct aml *a)
{
	const struct __attribute__((packed)) {
		struct word_item bus;
		struct io_item config;
		struct word_item io_low;
		struct word_item io_high;
		struct dword_item memory;
	} crs = {
		.bus = word_range(TYPE_BUS, 0, 0),
		.config = io(PCI_CONFIG_PORT, 8),
		.io_low = word_range(TYPE_IO, 0, PCI_CONFIG_PORT - 1),
		.io_high = word_range(TYPE_IO, PCI_CONFIG_PORT + 8, 0xffff),
		.memory = {
			.tag = 0x87,
			.size = sizeof(struct dword_item) - 3,
			.type = TYPE_MEMORY,
			.flags = FIXED_RANGE,
			.type_flags = MEM_WRITE,
			.min = PC_LOW_MAX,
			.max = PC_ECAM - 1,
			.length = PC_ECAM - PC_LOW_MAX,
		},
	};

	aml_resources(a, &crs, sizeof(crs));
}

/* ACPI 6.5, 6.2.13: {device, pin, 0, GSI}; pins of neighbours differ. */
static void pci_routing(struct aml *a)
{
	size_t table;

	aml_name(a, "_PRT");
	table = aml_package(a, 4 * 32);
	for (unsigned int device = 0; device < 32; device++) {
		for (unsigned int pin = 0; pin < 4; pin++) {
			size_t row = aml_package(a, 4);

			aml_int(a, device << 16 | 0xffff);
			aml_int(a, pin);
			aml_int(a, 0);
			aml_int(a,
				DSDT_PCI_GSI + (device + pin) % DSDT_PCI_GSIS);
			aml_end(a, row);
		}
	}
	aml_end(a, table);
}

static void device_pci(struct aml *a)
{
	size_t device = aml_device(a, "PCI0");

	aml_name(a, "_HID");
	aml_eisa(a, "PNP0A08");
	aml_name(a, "_CID");
	aml_eisa(a, "PNP0A03");
	aml_name(a, "_UID");
	aml_int(a, 0);
	pci_resources(a);
	pci_routing(a);
	aml_end(a, device);
}

static void device_com1(struct aml *a)
{
	const struct __attribute__((packed)) {
		struct io_item ports;
		struct irq_item irq;
	} crs = {
		.ports = io(PC_COM1, SERIAL_PORTS),
		.irq = { 0x22, 1 << PC_IRQ_COM1 },
	};
	size_t device = aml_device(a, "COM1");

	aml_name(a, "_HID");
	aml_eisa(a, "PNP0501");
	aml_name(a, "_UID");
	aml_int(a, 1);
	aml_resources(a, &crs, sizeof(crs));
	aml_end(a, device);
}

/* QEMU docs/specs/pvpanic. */
static void device_pvpanic(struct aml *a)
{
	const struct io_item port = io(0x505, 1);
	size_t device = aml_device(a, "PEVT");

	aml_name(a, "_HID");
	aml_string(a, "QEMU0001");
	aml_resources(a, &port, sizeof(port));
	aml_end(a, device);
}

/* PCI Firmware 3.3, 4.1.2: ECAM must be a motherboard resource. */
static void device_reserved(struct aml *a)
{
	const struct __attribute__((packed)) {
		struct io_item pm;
		struct fixed32_item ecam;
	} crs = {
		.pm = io(PM_BASE, PM_PORTS),
		.ecam = { 0x86, 9, 1, PC_ECAM, PCI_ECAM_SIZE },
	};
	size_t device = aml_device(a, "MRES");

	aml_name(a, "_HID");
	aml_eisa(a, "PNP0C02");
	aml_name(a, "_UID");
	aml_int(a, 0);
	aml_resources(a, &crs, sizeof(crs));
	aml_end(a, device);
}

/* ACPI 6.5, 7.4.2: the sleep type is 0, as in port 0x604 <- 0x2000. */
static void sleep_state(struct aml *a)
{
	size_t types;

	aml_name(a, "\\_S5_");
	types = aml_package(a, 4);
	for (unsigned int i = 0; i < 4; i++)
		aml_int(a, 0);
	aml_end(a, types);
}

/* Linux Documentation/devicetree/bindings/virtio/mmio.yaml, for ACPI. */
static void device_virtio(struct aml *a, const struct board_virtio *v,
			  unsigned int number)
{
	const struct __attribute__((packed)) {
		struct fixed32_item window;
		struct irq_item irq; /* edge, high, exclusive */
	} crs = {
		.window = { 0x86, 9, 1, (uint32_t)v->gpa, (uint32_t)v->size },
		.irq = { 0x22, (uint16_t)(1u << v->irq) },
	};
	const char name[] = { 'V', 'I', 'O', (char)('0' + number), '\0' };
	size_t device = aml_device(a, name);

	aml_name(a, "_HID");
	aml_string(a, "LNRO0005");
	aml_name(a, "_UID");
	aml_int(a, number);
	aml_resources(a, &crs, sizeof(crs));
	aml_end(a, device);
}

void dsdt_write(struct aml *a, const struct board *board)
{
	size_t scope;

	sleep_state(a);
	scope = aml_scope(a, "\\_SB_");
	device_pci(a);
	device_com1(a);
	device_pvpanic(a);
	device_reserved(a);
	for (unsigned int i = 0; i < board->virtios; i++)
		device_virtio(a, &board->virtio[i], i);
	aml_end(a, scope);
}
