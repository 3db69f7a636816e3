// SPDX-License-Identifier: Apache-2.0
// The one table of exit channels, and the ports that are nothing else.
#include "vmm/dev/exit.h"

/*
 * A value is an exit when (value & mask) == match. Ports with a size are
 * claimed here and read as @read; the others belong to the device that calls
 * exits_fire().
 */
static const struct channel {
	const char *name;
	enum power_event event;
	uint32_t mask;
	uint32_t match;
	uint16_t port;
	uint8_t size;
	uint8_t read;
} channels[EXIT_CHANNELS] = {
	/* QEMU hw/misc/debugexit.c: 8, 16 or 32 bits, reads 0. */
	[EXIT_PORT_501] = { "port 0x501", POWER_EXIT, 0, 0, 0x501, 4, 0 },
	[EXIT_PORT_F4] = { "port 0xf4", POWER_EXIT, 0, 0, 0xf4, 4, 0 },
	/* QEMU docs/specs/pvpanic: a read gives the events it knows. */
	[EXIT_PVPANIC] = { "pvpanic", POWER_PANICKED, 1, 1, 0x505, 1, 1 },
	/* ACPI 6.5, 4.8.3.2.1: SLP_EN; only \_S5 exists, so any type is S5. */
	[EXIT_ACPI_S5] = { "ACPI S5", POWER_OFF, 0x2000, 0x2000, 0, 0, 0 },
	/* Intel ICH9 data sheet, 13.7.5 RST_CNT: RST_CPU. */
	[EXIT_PORT_CF9] = { "port 0xcf9", POWER_RESET, 4, 4, 0, 0, 0 },
	/* Intel ICH9 data sheet, 13.7.3 PORT92: INIT_NOW. */
	[EXIT_PORT_92] = { "port 0x92", POWER_RESET, 1, 1, 0, 0, 0 },
	/* Output port bit 0 low, by whatever command. */
	[EXIT_KEYBOARD] = { "keyboard controller", POWER_RESET, 1, 0, 0, 0, 0 },
};

void exits_fire(const struct exits *x, enum exit_channel channel,
		uint32_t value)
{
	const struct channel *c = &channels[channel];

	if ((value & c->mask) == c->match)
		x->power.stop(x->power.ctx, c->event, c->name, value);
}

static uint64_t port_read(void *dev, uint64_t offset, unsigned int size)
{
	const struct exit_port *p = dev;

	(void)offset;
	(void)size;
	return channels[p->channel].read;
}

/* The value starts at the first port; the others only make room for it. */
static void port_write(void *dev, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	const struct exit_port *p = dev;

	(void)size;
	if (offset == 0)
		exits_fire(p->exits, p->channel, (uint32_t)value);
}

static const struct bus_ops port_ops = {
	.read = port_read,
	.write = port_write,
	.size_max = 4,
};

void exits_attach(struct exits *x, struct bus *pio, const struct power *power)
{
	x->power = *power;
	for (unsigned int i = 0; i < EXIT_CHANNELS; i++) {
		const struct channel *c = &channels[i];

		x->port[i] = (struct exit_port){ x, (enum exit_channel)i };
		if (c->size == 0)
			continue;
		bus_add(pio, &(struct bus_range){
				     .name = c->name,
				     .base = c->port,
				     .size = c->size,
				     .ops = &port_ops,
				     .dev = &x->port[i],
			     });
	}
}
