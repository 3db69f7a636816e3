// SPDX-License-Identifier: Apache-2.0
// 8042 stub: every question gets an answer, so that no kernel polls for ever.
#include "vmm/dev/i8042.h"

#include <assert.h>
#include <string.h>

/* Status, port 0x64. Bit 1, input buffer full, is never set. */
#define STS_OBF     0x01
#define STS_SYSTEM  0x04
#define STS_COMMAND 0x08
#define STS_ENABLED 0x10 /* keyboard lock open */
#define STS_AUX     0x20

#define CFG_IRQ1        0x01
#define CFG_SYSTEM      0x04
#define CFG_NO_KEYBOARD 0x10
#define CFG_NO_AUX      0x20
#define CFG_TRANSLATE   0x40

#define OUT_IDLE 0xcf /* output port: reset line high, A20 on */

#define KEYBOARD 0
#define AUX      1

#define ACK 0xfa

/*
 * Real hardware has one output byte and holds back the rest. New answers push
 * the old ones out: who asks again does not want them.
 */
static void answer(struct i8042 *k, unsigned int port, const void *bytes,
		   unsigned int count)
{
	assert(count <= I8042_QUEUE);
	memcpy(k->queue, bytes, count);
	k->count = count;
	k->aux = port == AUX;
}

static void answer_byte(struct i8042 *k, uint8_t byte)
{
	answer(k, KEYBOARD, &byte, 1);
}

static void irq_drive(struct i8042 *k, bool level)
{
	if (level == k->irq_level)
		return;
	k->irq_level = level;
	k->irq.set(k->irq.ctx, k->irq.gsi, level);
}

static void irq_update(struct i8042 *k)
{
	irq_drive(k, k->count > 0 && !k->aux && (k->config & CFG_IRQ1));
}

/*
 * A byte for the keyboard or, though 0xa9 says that there is none, the mouse.
 */
static void device_write(struct i8042 *k, unsigned int port, uint8_t byte)
{
	static const uint8_t reset[2][3] = { { ACK, 0xaa },
					     { ACK, 0xaa, 0x00 } };
	static const uint8_t id[2][3] = { { ACK, 0xab, 0x83 }, { ACK, 0x00 } };
	static const uint8_t scan_set[] = { ACK, 2 };
	static const uint8_t status[] = { ACK, 0, 2, 100 };
	uint8_t param = k->param[port];

	k->param[port] = 0;
	if (param == 0xf0 && byte == 0) {
		answer(k, port, scan_set, sizeof(scan_set));
		return;
	}
	if (param) {
		answer(k, port, &(uint8_t){ ACK }, 1);
		return;
	}
	switch (byte) {
	case 0xff:
		answer(k, port, reset[port], port == AUX ? 3 : 2);
		break;
	case 0xf2:
		answer(k, port, id[port], port == AUX ? 2 : 3);
		break;
	case 0xee:
		answer(k, port, &byte, 1);
		break;
	case 0xe9:
	case 0xeb:
		answer(k, port, status, port == AUX ? 4 : 1);
		break;
	case 0xed:
	case 0xe8:
	case 0xf0:
	case 0xf3:
		k->param[port] = byte;
		__attribute__((fallthrough));
	default:
		answer(k, port, &(uint8_t){ ACK }, 1);
		break;
	}
}

static void command_write(struct i8042 *k, uint8_t byte)
{
	k->command = 0;
	switch (byte) {
	case 0x20:
		answer_byte(k, k->config);
		break;
	case 0x60: /* these wait for a byte at port 0x60 */
	case 0xd1:
	case 0xd2:
	case 0xd3:
	case 0xd4:
		k->command = byte;
		break;
	case 0xa7:
		k->config |= CFG_NO_AUX;
		break;
	case 0xa8:
		k->config &= (uint8_t)~CFG_NO_AUX;
		break;
	case 0xa9:
		answer_byte(k, 0x01); /* clock line stuck: no mouse */
		break;
	case 0xaa:
		k->config |= CFG_SYSTEM;
		answer_byte(k, 0x55);
		break;
	case 0xab:
		answer_byte(k, 0x00);
		break;
	case 0xad:
		k->config |= CFG_NO_KEYBOARD;
		break;
	case 0xae:
		k->config &= (uint8_t)~CFG_NO_KEYBOARD;
		break;
	case 0xc0:
		answer_byte(k, 0x80); /* input port: not locked */
		break;
	case 0xd0:
		answer_byte(k, OUT_IDLE);
		break;
	default:
		if (byte > 0x20 && byte < 0x40) /* internal RAM */
			answer_byte(k, 0x00);
		else if (byte > 0x60 && byte < 0x80)
			k->command = byte;
		/* 0xf0-0xff pulse the output lines whose bit is 0. */
		else if (byte >= 0xf0)
			exits_fire(k->exits, EXIT_KEYBOARD, byte);
		break;
	}
}

static void data_write(struct i8042 *k, uint8_t byte)
{
	uint8_t command = k->command;

	k->command = 0;
	switch (command) {
	case 0x60:
		k->config = byte;
		break;
	case 0xd1:
		exits_fire(k->exits, EXIT_KEYBOARD, byte);
		break;
	case 0xd2: /* as if the keyboard had sent it */
	case 0xd3: /* mouse loop: not from the mouse port, which is dead */
		answer_byte(k, byte);
		break;
	case 0xd4:
		device_write(k, AUX, byte);
		break;
	case 0:
		device_write(k, KEYBOARD, byte);
		break;
	default: /* internal RAM, which nobody reads back */
		break;
	}
}

/* An empty buffer reads 0: not a scan code of any key. */
static uint64_t data_read(void *dev, uint64_t offset, unsigned int size)
{
	struct i8042 *k = dev;
	uint8_t byte = 0;

	(void)offset;
	(void)size;
	if (k->count > 0) {
		byte = k->queue[0];
		k->count--;
		memmove(k->queue, k->queue + 1, k->count);
		irq_drive(k, false);
	}
	irq_update(k);
	return byte;
}

static void port60_write(void *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	struct i8042 *k = dev;

	(void)offset;
	(void)size;
	k->last_command = false;
	irq_drive(k, false);
	data_write(k, (uint8_t)value);
	irq_update(k);
}

static uint64_t status_read(void *dev, uint64_t offset, unsigned int size)
{
	const struct i8042 *k = dev;
	uint8_t status = STS_ENABLED;

	(void)offset;
	(void)size;
	if (k->count > 0)
		status |= k->aux ? STS_OBF | STS_AUX : STS_OBF;
	if (k->config & CFG_SYSTEM)
		status |= STS_SYSTEM;
	if (k->last_command)
		status |= STS_COMMAND;
	return status;
}

static void port64_write(void *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	struct i8042 *k = dev;

	(void)offset;
	(void)size;
	k->last_command = true;
	irq_drive(k, false);
	command_write(k, (uint8_t)value);
	irq_update(k);
}

static const struct bus_ops data_ops = {
	.read = data_read,
	.write = port60_write,
	.size_max = 1,
};

static const struct bus_ops command_ops = {
	.read = status_read,
	.write = port64_write,
	.size_max = 1,
};

void i8042_attach(struct i8042 *k, struct bus *pio, const struct exits *exits,
		  const struct irq_line *irq)
{
	/* As firmware leaves it: tested, keyboard on, mouse port off. */
	*k = (struct i8042){
		.exits = exits,
		.irq = *irq,
		.config = CFG_IRQ1 | CFG_SYSTEM | CFG_NO_AUX | CFG_TRANSLATE,
	};
	bus_add(pio,
		&(struct bus_range){ "keyboard data", 0x60, 1, &data_ops, k });
	bus_add(pio, &(struct bus_range){ "keyboard command", 0x64, 1,
					  &command_ops, k });
}
