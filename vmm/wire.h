/* SPDX-License-Identifier: Apache-2.0 */
/* What a device sees of the outside: interrupt line, sink, stop, time. */
#ifndef VMM_WIRE_H
#define VMM_WIRE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct irq_line - one interrupt input of the board
 * @set: drives the line to level 0 or 1; any thread with the device lock
 * @ctx: passed to @set
 * @gsi: ISA interrupt number = global system interrupt
 */
struct irq_line {
	void (*set)(void *ctx, unsigned int gsi, int level);
	void *ctx;
	unsigned int gsi;
};

/**
 * struct sink - where a device's output bytes go
 * @put: takes all bytes; may block for back-pressure
 * @ctx: passed to @put
 */
struct sink {
	void (*put)(void *ctx, const uint8_t *bytes, size_t count);
	void *ctx;
};

enum power_event {
	POWER_OFF,      /* ACPI S5 and the like: status 0 */
	POWER_RESET,    /* keyboard controller, port 0xcf9 */
	POWER_EXIT,     /* a debug-exit channel with a value */
	POWER_PANICKED, /* pvpanic: the kernel says it crashed */
	POWER_BAD_CALL, /* a hypercall that cannot be served */
};

/**
 * struct power - how a device ends the run
 * @stop: takes effect when the current access returns
 * @ctx: passed to @stop
 */
struct power {
	void (*stop)(void *ctx, enum power_event event, const char *channel,
		     uint32_t value);
	void *ctx;
};

/**
 * struct timebase - where devices get the time from
 * @monotonic_ns: CLOCK_MONOTONIC, never goes back
 * @realtime_ns: since 1970 in UTC, may jump
 * @ctx: passed to both
 */
struct timebase {
	uint64_t (*monotonic_ns)(void *ctx);
	uint64_t (*realtime_ns)(void *ctx);
	void *ctx;
};

#endif
