/* SPDX-License-Identifier: Apache-2.0 */
/* Exit channels: every way a PC kernel says that it is finished. */
#ifndef VMM_DEV_EXIT_H
#define VMM_DEV_EXIT_H

#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/wire.h"

enum exit_channel {
	EXIT_PORT_501, /* isa-debug-exit as Unikraft, Nanos, Solo5 use it */
	EXIT_PORT_F4,  /* isa-debug-exit as Hermit, Theseus use it */
	EXIT_PVPANIC,  /* pvpanic */
	EXIT_ACPI_S5,  /* PM1a control; the port is claimed by pm.c */
	EXIT_PORT_CF9, /* reset control; claimed by pci.c */
	EXIT_PORT_92,  /* system control port A; claimed by legacy.c */
	EXIT_KEYBOARD, /* pulse of the reset line; claimed by i8042.c */
	EXIT_CHANNELS,
};

/**
 * struct exit_port - a port that is nothing but an exit channel
 * @exits: where it belongs to
 * @channel: which channel it is
 */
struct exit_port {
	const struct exits *exits;
	enum exit_channel channel;
};

/**
 * struct exits - the channels
 * @power: who ends the run
 * @port: one per channel that has a port of its own
 */
struct exits {
	struct power power;
	struct exit_port port[EXIT_CHANNELS];
};

/**
 * exits_attach() - claim the ports that are nothing but exit channels
 * @x: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 * @power: copied
 */
void exits_attach(struct exits *x, struct bus *pio, const struct power *power);

/**
 * exits_fire() - a guest wrote to the register behind an exit channel
 * @x: attached
 * @channel: which one
 * @value: as written
 *
 * Decides by the table whether the value means an exit; if so power.stop is
 * called with the value as the guest wrote it: nothing is doubled or masked
 * here, the process status is made from its lowest 8 bits.
 */
void exits_fire(const struct exits *x, enum exit_channel channel,
		uint32_t value);

#endif
