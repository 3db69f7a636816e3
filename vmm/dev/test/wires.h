/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests connect devices to: everything is recorded. */
#ifndef VMM_DEV_TEST_WIRES_H
#define VMM_DEV_TEST_WIRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/wire.h"

#define WIRES_OUT_MAX 4096
#define WIRES_IRQS    16

/**
 * struct wires - the other end of every wire
 * @level: of each interrupt line
 * @edges: how often one rose
 * @gsi: of the last change
 * @out: bytes put
 * @out_count: how many; only the first WIRES_OUT_MAX are kept
 * @wanted: calls of input_wanted
 * @room: calls of input_room
 * @stops: calls of power.stop
 * @event: of the last one
 * @channel: of the last one
 * @value: of the last one
 * @monotonic_ns: what the clock says
 * @realtime_ns: what the clock says
 */
struct wires {
	int level[WIRES_IRQS];
	unsigned int edges;
	unsigned int gsi;
	uint8_t out[WIRES_OUT_MAX];
	size_t out_count;
	unsigned int wanted;
	unsigned int room;
	unsigned int stops;
	enum power_event event;
	const char *channel;
	uint32_t value;
	uint64_t monotonic_ns;
	uint64_t realtime_ns;
};

/**
 * wires_irq() - an interrupt line
 * @w: records
 * @gsi: its number
 *
 * Return: the device's end. Driving it to the level it has fails an assertion.
 */
struct irq_line wires_irq(struct wires *w, unsigned int gsi);

/**
 * wires_sink() - a sink
 * @w: records
 *
 * Return: the device's end.
 */
struct sink wires_sink(struct wires *w);

/**
 * wires_power() - the way to stop
 * @w: records
 *
 * Return: the device's end.
 */
struct power wires_power(struct wires *w);

/**
 * wires_time() - clocks
 * @w: says the time
 *
 * Return: the device's end.
 */
struct timebase wires_time(struct wires *w);

/**
 * wires_wanted() - for serial_wires.input_wanted
 * @ctx: struct wires
 */
void wires_wanted(void *ctx);

/**
 * wires_room() - for serial_wires.input_room
 * @ctx: struct wires
 */
void wires_room(void *ctx);

#endif
