// SPDX-License-Identifier: Apache-2.0
// 16550A UART (National PC16550D data sheet): registers and interrupts.
#include "vmm/dev/serial.h"

#include <assert.h>
#include <string.h>

/* Registers, section 8.0; two of them change with LCR.DLAB. */
#define REG_DATA 0
#define REG_IER  1
#define REG_IIR  2 /* FCR when written */
#define REG_LCR  3
#define REG_MCR  4
#define REG_LSR  5
#define REG_MSR  6
#define REG_SCR  7

#define IER_RDI  0x01
#define IER_THRI 0x02
#define IER_RLSI 0x04
#define IER_MSI  0x08
#define IER_ALL  0x0f

/* Identifications in order of priority, section 8.5, table IV. */
#define IIR_RLSI    0x06
#define IIR_RDI     0x04
#define IIR_TIMEOUT 0x0c
#define IIR_THRI    0x02
#define IIR_MSI     0x00
#define IIR_NONE    0x01
#define IIR_FIFO    0xc0

#define FCR_ENABLE   0x01
#define FCR_CLEAR_RX 0x02
#define FCR_KEPT     0xc9

#define LCR_DLAB 0x80

#define MCR_DTR  0x01
#define MCR_RTS  0x02
#define MCR_OUT1 0x04
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10
#define MCR_ALL  0x1f

#define LSR_DR   0x01
#define LSR_OE   0x02
#define LSR_THRE 0x20
#define LSR_TEMT 0x40

#define MSR_CTS 0x10
#define MSR_DSR 0x20
#define MSR_RI  0x40
#define MSR_DCD 0x80

static bool in_loopback(const struct serial *s)
{
	return s->mcr & MCR_LOOP;
}

/* Bytes from outside, whether the guest is ready for them or not. */
static unsigned int rx_waiting(const struct serial *s)
{
	return s->rx_tail - s->rx_head;
}

/*
 * Bytes the guest can read now. A driver that probes or resets its port reads
 * and throws away what it finds: bytes from outside "arrive" only while the
 * guest has the receiver interrupt on or polls for them.
 */
static unsigned int rx_count(const struct serial *s)
{
	if (in_loopback(s))
		return s->loop_count;
	return (s->ier & IER_RDI) || s->polling ? rx_waiting(s) : 0;
}

static unsigned int rx_trigger(const struct serial *s)
{
	static const uint8_t level[4] = { 1, 4, 8, 14 };

	return s->fcr & FCR_ENABLE ? level[s->fcr >> 6] : 1;
}

/* Which interrupt has the highest priority. */
static uint8_t irq_cause(const struct serial *s)
{
	unsigned int count = rx_count(s);

	if ((s->ier & IER_RLSI) && s->overrun)
		return IIR_RLSI;
	if ((s->ier & IER_RDI) && count >= rx_trigger(s))
		return IIR_RDI;
	/* On an infinitely fast line four character times have passed. */
	if ((s->ier & IER_RDI) && count > 0)
		return IIR_TIMEOUT;
	if ((s->ier & IER_THRI) && s->thre_pending)
		return IIR_THRI;
	if ((s->ier & IER_MSI) && s->msr_delta)
		return IIR_MSI;
	return IIR_NONE;
}

/*
 * Not gated by MCR.OUT2 as on a PC: xv6 never sets it, and on the boards that
 * such kernels were written for the line works without.
 */
static void irq_drive(struct serial *s, bool level)
{
	if (level == s->irq_level)
		return;
	s->irq_level = level;
	s->wires.irq.set(s->wires.irq.ctx, s->wires.irq.gsi, level);
}

static void irq_update(struct serial *s)
{
	irq_drive(s, irq_cause(s) != IIR_NONE);
}

/* The guest is ready for bytes from outside. */
static void want_input(struct serial *s)
{
	if (s->wanted)
		return;
	s->wanted = true;
	s->wires.input_wanted(s->wires.ctx);
}

/* Two looks in a row, and no data: a guest that polls. */
static void looked(struct serial *s, bool again, bool data)
{
	s->looked = !data && !in_loopback(s);
	if (!again || !s->looked)
		return;
	s->polling = true;
	want_input(s);
}

/* Tells who was refused that all the guest had is read. */
static void tell_room(struct serial *s)
{
	if (!s->refused || in_loopback(s) || rx_waiting(s) > 0)
		return;
	s->refused = false;
	s->wires.input_room(s->wires.ctx);
}

/*
 * A read acknowledges the interrupt: when more bytes wait it falls and rises
 * again, as it does on a real line between two characters. A handler that
 * takes one byte per edge gets them all.
 */
static uint8_t read_data(struct serial *s)
{
	uint8_t byte;

	if (rx_count(s) == 0)
		return 0;
	if (in_loopback(s)) {
		byte = s->loop[0];
		s->loop_count--;
		memmove(s->loop, s->loop + 1, s->loop_count);
		return byte;
	}
	byte = s->rx[s->rx_head++ % SERIAL_RX_SIZE];
	irq_drive(s, false);
	tell_room(s);
	return byte;
}

static uint8_t read_iir(struct serial *s)
{
	uint8_t cause = irq_cause(s);

	if (cause == IIR_THRI)
		s->thre_pending = false;
	return cause | (s->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static uint8_t read_lsr(struct serial *s)
{
	uint8_t lsr = LSR_THRE | LSR_TEMT;

	if (rx_count(s) > 0)
		lsr |= LSR_DR;
	if (s->overrun)
		lsr |= LSR_OE;
	s->overrun = false;
	return lsr;
}

/* Modem lines: all on outside, in loopback mode the guest's own outputs. */
static uint8_t modem_lines(const struct serial *s)
{
	uint8_t lines = 0;

	if (!in_loopback(s))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if (s->mcr & MCR_RTS)
		lines |= MSR_CTS;
	if (s->mcr & MCR_DTR)
		lines |= MSR_DSR;
	if (s->mcr & MCR_OUT1)
		lines |= MSR_RI;
	if (s->mcr & MCR_OUT2)
		lines |= MSR_DCD;
	return lines;
}

static uint8_t read_msr(struct serial *s)
{
	uint8_t msr = modem_lines(s) | s->msr_delta;

	s->msr_delta = 0;
	return msr;
}

static uint64_t serial_read(void *dev, uint64_t offset, unsigned int size)
{
	struct serial *s = dev;
	bool dlab = s->lcr & LCR_DLAB;
	bool again = s->looked;
	uint8_t value = 0;

	assert(size == 1 && offset < SERIAL_PORTS);
	s->looked = false;
	switch (offset) {
	case REG_DATA:
		value = dlab ? (uint8_t)s->divisor : read_data(s);
		break;
	case REG_IER:
		value = dlab ? (uint8_t)(s->divisor >> 8) : s->ier;
		break;
	case REG_IIR:
		value = read_iir(s);
		break;
	case REG_LCR:
		value = s->lcr;
		break;
	case REG_MCR:
		value = s->mcr;
		break;
	case REG_LSR:
		value = read_lsr(s);
		looked(s, again, value & LSR_DR);
		break;
	case REG_MSR:
		value = read_msr(s);
		break;
	case REG_SCR:
		value = s->scr;
		break;
	}
	irq_update(s);
	return value;
}

static void write_data(struct serial *s, uint8_t byte)
{
	if (!in_loopback(s)) {
		s->wires.out.put(s->wires.out.ctx, &byte, 1);
	} else if (s->loop_count <
		   (s->fcr & FCR_ENABLE ? SERIAL_LOOP_DEPTH : 1)) {
		s->loop[s->loop_count++] = byte;
	} else {
		s->overrun = true;
	}
	/*
	 * The byte is gone at once, so that the interrupt falls and rises:
	 * on an edge-triggered input only that is seen again.
	 */
	if (irq_cause(s) == IIR_THRI)
		irq_drive(s, false);
	s->thre_pending = true;
}

static void write_ier(struct serial *s, uint8_t ier)
{
	if (ier & ~s->ier & IER_THRI)
		s->thre_pending = true;
	s->ier = ier & IER_ALL;
	if (s->ier & IER_RDI)
		want_input(s);
}

/*
 * Clearing the receiver drops only what the guest sent to itself: bytes from
 * outside arrive "just after" the clear.
 */
static void write_fcr(struct serial *s, uint8_t fcr)
{
	bool toggled = (s->fcr ^ fcr) & FCR_ENABLE;

	if (toggled || (fcr & FCR_CLEAR_RX))
		s->loop_count = 0;
	s->fcr = fcr & FCR_ENABLE ? fcr & FCR_KEPT : 0;
}

static void write_mcr(struct serial *s, uint8_t mcr)
{
	uint8_t before = modem_lines(s);
	uint8_t changed;

	if (!(mcr & MCR_LOOP))
		s->loop_count = 0;
	s->mcr = mcr & MCR_ALL;
	changed = before ^ modem_lines(s);
	/* Section 8.8: RI counts only when it falls. */
	if (!(before & MSR_RI))
		changed &= (uint8_t)~MSR_RI;
	s->msr_delta |= changed >> 4;
	tell_room(s);
}

static void serial_write(void *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	struct serial *s = dev;
	bool dlab = s->lcr & LCR_DLAB;
	uint8_t byte = (uint8_t)value;

	assert(size == 1 && offset < SERIAL_PORTS);
	s->looked = false;
	if (offset >= REG_IER && offset <= REG_MCR)
		s->polling = false; /* configured anew: let it poll again */
	switch (offset) {
	case REG_DATA:
		if (dlab)
			s->divisor = (uint16_t)((s->divisor & 0xff00) | byte);
		else
			write_data(s, byte);
		break;
	case REG_IER:
		if (dlab)
			s->divisor =
				(uint16_t)((s->divisor & 0xff) | byte << 8);
		else
			write_ier(s, byte);
		break;
	case REG_IIR:
		write_fcr(s, byte);
		break;
	case REG_LCR:
		s->lcr = byte;
		break;
	case REG_MCR:
		write_mcr(s, byte);
		break;
	case REG_SCR:
		s->scr = byte;
		break;
	default: /* LSR and MSR: read only */
		break;
	}
	irq_update(s);
}

static const struct bus_ops serial_ops = {
	.read = serial_read,
	.write = serial_write,
	.size_max = 1,
};

void serial_attach(struct serial *s, struct bus *pio, uint16_t base,
		   const struct serial_wires *wires)
{
	*s = (struct serial){
		.wires = *wires,
		.mcr = MCR_OUT2,
		.divisor = 1, /* 115200 baud, as a loader would leave it */
	};
	bus_add(pio, &(struct bus_range){
			     .name = "serial",
			     .base = base,
			     .size = SERIAL_PORTS,
			     .ops = &serial_ops,
			     .dev = s,
		     });
}

size_t serial_receive(struct serial *s, const uint8_t *bytes, size_t count)
{
	size_t room = SERIAL_RX_SIZE - rx_waiting(s);
	size_t taken = count < room ? count : room;

	if (in_loopback(s))
		taken = 0;
	for (size_t i = 0; i < taken; i++)
		s->rx[s->rx_tail++ % SERIAL_RX_SIZE] = bytes[i];
	if (taken < count)
		s->refused = true;
	irq_update(s);
	return taken;
}
