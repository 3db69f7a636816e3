// SPDX-License-Identifier: Apache-2.0
// Fuzzes all ports and windows of the board with accesses of every size.
#include "vmm/dev/test/fuzz.h"
#include "vmm/dev/test/pcfix.h"

/* Ports of devices, more likely than chance would have them. */
static uint16_t take_port(struct fuzz_input *in, const struct bus *pio)
{
	uint64_t choice = fuzz_take(in, 1);
	uint64_t offset = fuzz_take(in, 2);
	const struct bus_range *r = &pio->range[choice % pio->count];

	if (choice > 0xf0)
		return (uint16_t)offset;
	return (uint16_t)(r->base + offset % (r->size + 1));
}

static uint32_t config_read(struct pcfix *fx, uint32_t address)
{
	bus_write(&fx->pio, 0xcf8, 4, address);
	return (uint32_t)bus_read(&fx->pio, 0xcfc, 4, NULL);
}

/* Both windows show the same, and only the bridge is there. */
static void check_pci(struct pcfix *fx, uint64_t where)
{
	uint32_t reg = (uint32_t)where & 0xfc;
	uint32_t function = (uint32_t)(where >> 8) & 0xffff;
	uint32_t value = config_read(fx, 0x80000000 | function << 8 | reg);

	if (function)
		FUZZ_CHECK(value == 0xffffffff);
	if (function < 0x100)
		FUZZ_CHECK(value == bus_read(&fx->mmio,
					     PC_ECAM + (function << 12) + reg,
					     4, NULL));
	FUZZ_CHECK(config_read(fx, 0x80000000) == 0x29c08086);
	/* Sizing a BAR that is not there gives 0. */
	for (uint32_t bar = 0x10; bar < 0x28; bar += 4)
		FUZZ_CHECK(config_read(fx, 0x80000000 | bar) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct pcfix fx;

	pcfix_build(&fx, fuzz_take(&in, 6));
	for (int i = 0; i < FUZZ_STEPS_MAX && in.left > 0; i++) {
		unsigned int op = (unsigned int)fuzz_take(&in, 1) % 8;
		unsigned int bytes = fuzz_size(&in);
		uint16_t port = take_port(&in, &fx.pio);
		uint64_t value = fuzz_take(&in, bytes);
		uint64_t got = 0;

		if (op < 3)
			bus_write(&fx.pio, port, bytes, value);
		else if (op < 5)
			got = bus_read(&fx.pio, port, bytes, NULL);
		else if (op == 5)
			bus_write(&fx.mmio, PC_ECAM + value, bytes, value);
		else if (op == 6)
			got = bus_read(&fx.mmio, PC_ECAM + value, bytes, NULL);
		else
			check_pci(&fx, value);
		FUZZ_CHECK(bytes == 8 || got >> (8 * bytes) == 0);
		fx.w.monotonic_ns += value;
		fx.w.realtime_ns += value % NS_PER_S;
		/* ACPI stays on, and the machine never goes to sleep for good */
		FUZZ_CHECK((bus_read(&fx.pio, 0x604, 2, NULL) & 0x2001) == 1);
	}
	return 0;
}
