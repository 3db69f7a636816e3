// SPDX-License-Identifier: Apache-2.0
// Records what devices do to the outside.
#include "vmm/dev/test/wires.h"

#include <assert.h>

static void set_irq(void *ctx, unsigned int gsi, int level)
{
	struct wires *w = ctx;

	assert(gsi < WIRES_IRQS && level == !w->level[gsi]);
	w->edges += level == 1;
	w->level[gsi] = level;
	w->gsi = gsi;
}

static void put(void *ctx, const uint8_t *bytes, size_t count)
{
	struct wires *w = ctx;

	for (size_t i = 0; i < count; i++, w->out_count++)
		if (w->out_count < WIRES_OUT_MAX)
			w->out[w->out_count] = bytes[i];
}

static void stop(void *ctx, enum power_event event, const char *channel,
		 uint32_t value)
{
	struct wires *w = ctx;

	w->stops++;
	w->event = event;
	w->channel = channel;
	w->value = value;
}

static uint64_t monotonic_ns(void *ctx)
{
	const struct wires *w = ctx;

	return w->monotonic_ns;
}

static uint64_t realtime_ns(void *ctx)
{
	const struct wires *w = ctx;

	return w->realtime_ns;
}

struct irq_line wires_irq(struct wires *w, unsigned int gsi)
{
	return (struct irq_line){ set_irq, w, gsi };
}

struct sink wires_sink(struct wires *w)
{
	return (struct sink){ put, w };
}

struct power wires_power(struct wires *w)
{
	return (struct power){ stop, w };
}

struct timebase wires_time(struct wires *w)
{
	return (struct timebase){ monotonic_ns, realtime_ns, w };
}

void wires_wanted(void *ctx)
{
	struct wires *w = ctx;

	w->wanted++;
}

void wires_room(void *ctx)
{
	struct wires *w = ctx;

	w->room++;
}
