// SPDX-License-Identifier: Apache-2.0
// Ports too small for a file each, and those only claimed for silence.
#include "vmm/dev/legacy.h"

#include <stddef.h>

#define CONTROL_A20   0x02
#define CONTROL_RESET 0x01

/* QEMU and Bochs: a read of the debug console tells that it is there. */
static uint64_t debug_read(void *dev, uint64_t offset, unsigned int size)
{
	(void)dev;
	(void)offset;
	(void)size;
	return 0xe9;
}

static void debug_write(void *dev, uint64_t offset, unsigned int size,
			uint64_t value)
{
	const struct legacy *l = dev;
	uint8_t byte = (uint8_t)value;

	(void)offset;
	(void)size;
	l->debug.put(l->debug.ctx, &byte, 1);
}

static uint64_t control_read(void *dev, uint64_t offset, unsigned int size)
{
	const struct legacy *l = dev;

	(void)offset;
	(void)size;
	return l->control_a;
}

/* A20 is always on; the bit only remembers what was asked for. */
static void control_write(void *dev, uint64_t offset, unsigned int size,
			  uint64_t value)
{
	struct legacy *l = dev;

	(void)offset;
	(void)size;
	l->control_a = (uint8_t)(value & ~(uint64_t)CONTROL_RESET);
	exits_fire(l->exits, EXIT_PORT_92, (uint32_t)value);
}

static const struct bus_ops debug_ops = { debug_read, debug_write, 1 };
static const struct bus_ops control_ops = { control_read, control_write, 1 };
static const struct bus_ops quiet_ops = { NULL, NULL, 0 };

void legacy_attach(struct legacy *l, struct bus *pio, const struct exits *exits,
		   const struct sink *debug)
{
	const struct bus_range ports[] = {
		{ "debug console", 0xe9, 1, &debug_ops, l },
		{ "system control a", 0x92, 1, &control_ops, l },
		/* MultiProcessor Specification 1.4, 3.6.2.1. */
		{ "imcr", 0x22, 2, &quiet_ops, NULL },
		/* 0x80 takes POST codes and delays; the others are DMA pages */
		{ "post and dma page", 0x80, 16, &quiet_ops, NULL },
		/* Linux io_delay=0xed. */
		{ "delay", 0xed, 1, &quiet_ops, NULL },
	};

	*l = (struct legacy){
		.exits = exits,
		.debug = *debug,
		.control_a = CONTROL_A20,
	};
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		bus_add(pio, &ports[i]);
}
