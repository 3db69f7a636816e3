/* SPDX-License-Identifier: Apache-2.0 */
/* Serial port: a 16550A whose line is infinitely fast. */
#ifndef VMM_DEV_SERIAL_H
#define VMM_DEV_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/wire.h"

#define SERIAL_PORTS      8
#define SERIAL_RX_SIZE    256 /* bytes waiting for the guest; power of two */
#define SERIAL_LOOP_DEPTH 16  /* receiver FIFO in loopback mode */

/**
 * struct serial_wires - what a serial port is connected to
 * @irq: interrupt line
 * @out: where transmitted bytes go, one put per byte
 * @input_wanted: the guest will read: it enabled the receiver interrupt, or
 *	read LSR twice in a row and found no data (reading RBR is no sign:
 *	drivers drain the port when they probe it); called once in a lifetime
 * @input_room: serial_receive() had to refuse bytes, now the guest has read
 *	all it had; called once per refusal
 * @ctx: passed to @input_wanted and @input_room, which run on a vCPU thread
 *	with the device lock held and must not call back
 */
struct serial_wires {
	struct irq_line irq;
	struct sink out;
	void (*input_wanted)(void *ctx);
	void (*input_room)(void *ctx);
	void *ctx;
};

/**
 * struct serial - state of one port (National PC16550D data sheet, June 1995)
 * @wires: connections
 * @ier: interrupt enable
 * @fcr: FIFO control, as far as it stays
 * @lcr: line control
 * @mcr: modem control
 * @msr_delta: changes of modem lines since MSR was read
 * @scr: scratch
 * @divisor: DLL and DLM
 * @thre_pending: transmitter interrupt not yet acknowledged
 * @overrun: a byte was lost in loopback mode
 * @irq_level: as last driven
 * @wanted: input_wanted was called
 * @looked: the last access read LSR and found no data
 * @polling: the guest waits by reading LSR
 * @refused: serial_receive() refused bytes
 * @rx: bytes from outside
 * @rx_head: index of the next byte to read, free-running
 * @rx_tail: index of the next byte to store, free-running
 * @loop: bytes that the guest sent itself in loopback mode, oldest first
 * @loop_count: entries of @loop
 */
struct serial {
	struct serial_wires wires;
	uint8_t ier;
	uint8_t fcr;
	uint8_t lcr;
	uint8_t mcr;
	uint8_t msr_delta;
	uint8_t scr;
	uint16_t divisor;
	bool thre_pending;
	bool overrun;
	bool irq_level;
	bool wanted;
	bool looked;
	bool polling;
	bool refused;
	uint8_t rx[SERIAL_RX_SIZE];
	unsigned int rx_head;
	unsigned int rx_tail;
	uint8_t loop[SERIAL_LOOP_DEPTH];
	unsigned int loop_count;
};

/**
 * serial_attach() - put a port on the bus
 * @s: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 * @base: first of SERIAL_PORTS ports
 * @wires: copied
 */
void serial_attach(struct serial *s, struct bus *pio, uint16_t base,
		   const struct serial_wires *wires);

/**
 * serial_receive() - bytes arrive on the line
 * @s: attached
 * @bytes: the bytes
 * @count: how many
 *
 * Call with the device lock held, from any thread. Nothing is ever lost: what
 * the guest has no room for stays with the caller, and input_room tells when
 * to come back. In loopback mode the line is cut: nothing is taken.
 *
 * Return: how many were taken from the front.
 */
size_t serial_receive(struct serial *s, const uint8_t *bytes, size_t count);

#endif
