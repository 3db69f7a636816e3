/* SPDX-License-Identifier: Apache-2.0 */
/* Single ports of a PC: debug console, system control, delays. */
#ifndef VMM_DEV_LEGACY_H
#define VMM_DEV_LEGACY_H

#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/dev/exit.h"
#include "vmm/wire.h"

/**
 * struct legacy - what these ports need
 * @exits: told of a reset through port 0x92
 * @debug: takes what is written to port 0xe9, one put per byte
 * @control_a: port 0x92 without the reset bit
 */
struct legacy {
	const struct exits *exits;
	struct sink debug;
	uint8_t control_a;
};

/**
 * legacy_attach() - claim the ports
 * @l: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 * @exits: borrowed
 * @debug: copied
 */
void legacy_attach(struct legacy *l, struct bus *pio, const struct exits *exits,
		   const struct sink *debug);

#endif
