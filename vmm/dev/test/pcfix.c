// SPDX-License-Identifier: Apache-2.0
// Builds a PC board on recorded wires.
#include "vmm/dev/test/pcfix.h"

#include <assert.h>
#include <string.h>

static void set_irq(void *ctx, unsigned int gsi, int level)
{
	struct irq_line line = wires_irq(ctx, gsi);

	line.set(line.ctx, gsi, level);
}

void pcfix_build(struct pcfix *fx, uint64_t mem_size)
{
	const struct pc_wires wires = {
		.set_irq = set_irq,
		.irq_ctx = &fx->w,
		.serial_out = wires_sink(&fx->w),
		.debug_out = wires_sink(&fx->w),
		.input_wanted = wires_wanted,
		.input_room = wires_room,
		.input_ctx = &fx->w,
		.power = wires_power(&fx->w),
		.time = wires_time(&fx->w),
	};

	memset(fx, 0, sizeof(*fx));
	fx->w.realtime_ns = (uint64_t)1795421823 * NS_PER_S;
	pc_board_init(&fx->pc, &fx->pio, &fx->mmio, &wires, mem_size);
}

unsigned int pcfix_in(struct pcfix *fx, uint16_t port, unsigned int size)
{
	bool claimed;
	uint64_t value = bus_read(&fx->pio, port, size, &claimed);

	assert(claimed);
	return (unsigned int)value;
}

void pcfix_out(struct pcfix *fx, uint16_t port, unsigned int size,
	       uint32_t value)
{
	bool claimed = bus_write(&fx->pio, port, size, value);

	assert(claimed);
}
