/* SPDX-License-Identifier: Apache-2.0 */
/* Keyboard controller: a keyboard that nobody touches, and the reset line. */
#ifndef VMM_DEV_I8042_H
#define VMM_DEV_I8042_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/dev/exit.h"
#include "vmm/wire.h"

#define I8042_QUEUE 4

/**
 * struct i8042 - state of the controller (IBM PS/2 hardware interface
 * technical reference, keyboard and auxiliary device controller)
 * @exits: told when the reset line is pulled
 * @irq: keyboard interrupt, IRQ 1
 * @config: controller command byte
 * @command: controller command that waits for its data byte, 0 = none
 * @last_command: the last write went to port 0x64
 * @param: the keyboard (0) or mouse (1) expects a parameter of this command
 * @queue: answer bytes, oldest first
 * @aux: the answers come from the mouse port
 * @count: entries of @queue
 * @irq_level: as last driven
 */
struct i8042 {
	const struct exits *exits;
	struct irq_line irq;
	uint8_t config;
	uint8_t command;
	bool last_command;
	uint8_t param[2];
	uint8_t queue[I8042_QUEUE];
	bool aux;
	unsigned int count;
	bool irq_level;
};

/**
 * i8042_attach() - claim ports 0x60 and 0x64
 * @k: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 * @exits: borrowed
 * @irq: copied
 */
void i8042_attach(struct i8042 *k, struct bus *pio, const struct exits *exits,
		  const struct irq_line *irq);

#endif
