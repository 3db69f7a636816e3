// SPDX-License-Identifier: Apache-2.0
// Tests of the serial port: data, interrupts, loopback, input handshake.
#include "vmm/dev/serial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/dev/test/wires.h"

#define BASE 0x3f8
#define DATA (BASE + 0)
#define IER  (BASE + 1)
#define IIR  (BASE + 2)
#define FCR  (BASE + 2)
#define LCR  (BASE + 3)
#define MCR  (BASE + 4)
#define LSR  (BASE + 5)
#define MSR  (BASE + 6)
#define SCR  (BASE + 7)

struct fixture {
	struct bus pio;
	struct serial s;
	struct wires w;
};

static struct fixture fx;

static int setup(void **state)
{
	struct serial_wires wires = {
		.irq = wires_irq(&fx.w, 4),
		.out = wires_sink(&fx.w),
		.input_wanted = wires_wanted,
		.input_room = wires_room,
		.ctx = &fx.w,
	};

	(void)state;
	memset(&fx, 0, sizeof(fx));
	serial_attach(&fx.s, &fx.pio, BASE, &wires);
	return 0;
}

static unsigned int in(uint16_t port)
{
	return (unsigned int)bus_read(&fx.pio, port, 1, NULL);
}

static void out(uint16_t port, uint8_t value)
{
	assert_true(bus_write(&fx.pio, port, 1, value));
}

static size_t receive(const char *text)
{
	return serial_receive(&fx.s, (const uint8_t *)text, strlen(text));
}

static void sends(void **state)
{
	(void)state;
	assert_int_equal(in(LSR), 0x60);
	out(DATA, 'h');
	out(DATA, 'i');
	assert_int_equal(in(LSR), 0x60);
	assert_int_equal(fx.w.out_count, 2);
	assert_memory_equal(fx.w.out, "hi", 2);
	assert_int_equal(fx.w.edges, 0);
}

static void registers_read_back(void **state)
{
	(void)state;
	out(SCR, 0xa5);
	assert_int_equal(in(SCR), 0xa5);
	out(IER, 0xff);
	assert_int_equal(in(IER), 0x0f);
	out(MCR, 0xff);
	assert_int_equal(in(MCR), 0x1f);
	out(LCR, 0x83);
	assert_int_equal(in(LCR), 0x83);
	out(DATA, 0x0c);
	out(IER, 0x01);
	assert_int_equal(in(DATA), 0x0c);
	assert_int_equal(in(IER), 0x01);
	out(LCR, 0x03);
	assert_int_equal(in(IER), 0x0f);
	assert_int_equal(fx.w.out_count, 0);
	assert_int_equal(fx.s.divisor, 0x010c);
}

/* A 16550A is known by both FIFO bits in IIR. */
static void fifo_is_identified(void **state)
{
	(void)state;
	assert_int_equal(in(IIR), 0x01);
	out(FCR, 0x01);
	assert_int_equal(in(IIR), 0xc1);
	out(FCR, 0x00);
	assert_int_equal(in(IIR), 0x01);
}

static void transmitter_interrupt(void **state)
{
	(void)state;
	out(IER, 0x02);
	assert_int_equal(fx.w.level[4], 1);
	assert_int_equal(fx.w.gsi, 4);
	assert_int_equal(in(IIR), 0x02);
	assert_int_equal(fx.w.level[4], 0);
	assert_int_equal(in(IIR), 0x01);
	out(DATA, 'a');
	assert_int_equal(fx.w.level[4], 1);
	assert_int_equal(fx.w.edges, 2);
	/* Without reading IIR: an edge per byte. */
	out(DATA, 'b');
	assert_int_equal(fx.w.level[4], 1);
	assert_int_equal(fx.w.edges, 3);
	out(IER, 0x00);
	assert_int_equal(fx.w.level[4], 0);
	/* Linux tests whether enabling it again brings it back. */
	assert_int_equal(in(IIR), 0x01);
	out(IER, 0x02);
	assert_int_equal(in(IIR), 0x02);
}

static void receiver_interrupt(void **state)
{
	(void)state;
	out(IER, 0x01);
	assert_int_equal(fx.w.level[4], 0);
	assert_int_equal(receive("xy"), 2);
	assert_int_equal(fx.w.level[4], 1);
	assert_int_equal(in(IIR), 0x04);
	assert_int_equal(in(LSR), 0x61);
	assert_int_equal(in(DATA), 'x');
	/* A handler that takes one byte per edge gets the next edge. */
	assert_int_equal(fx.w.level[4], 1);
	assert_int_equal(fx.w.edges, 2);
	assert_int_equal(in(DATA), 'y');
	assert_int_equal(fx.w.level[4], 0);
	assert_int_equal(in(LSR), 0x60);
	assert_int_equal(in(DATA), 0);
	assert_int_equal(in(IIR), 0x01);
}

static void fifo_trigger_and_timeout(void **state)
{
	(void)state;
	out(FCR, 0x81); /* 8 bytes */
	out(IER, 0x01);
	receive("1234567");
	assert_int_equal(in(IIR), 0xcc);
	receive("8");
	assert_int_equal(in(IIR), 0xc4);
	assert_int_equal(in(DATA), '1');
	assert_int_equal(in(IIR), 0xcc);
	out(FCR, 0x41); /* 4 bytes */
	assert_int_equal(in(IIR), 0xc4);
}

static void priorities(void **state)
{
	(void)state;
	out(IER, 0x0f);
	receive("a");
	out(MCR, 0x18); /* loopback, OUT2: the modem lines change */
	out(DATA, 'b');
	out(DATA, 'c'); /* no FIFO: overrun */
	assert_int_equal(in(IIR), 0x06);
	assert_int_equal(in(LSR), 0x63);
	assert_int_equal(in(IIR), 0x04);
	assert_int_equal(in(DATA), 'b');
	assert_int_equal(in(IIR), 0x02);
	assert_int_equal(in(IIR), 0x00);
	assert_int_equal(in(MSR), 0x83); /* DCD stayed; CTS and DSR fell */
	assert_int_equal(in(IIR), 0x01);
	assert_int_equal(fx.w.level[4], 0);
	assert_int_equal(fx.w.out_count, 0);
	out(MCR, 0x08);
	assert_int_equal(in(DATA), 'a');
}

static void loopback(void **state)
{
	(void)state;
	assert_int_equal(in(MSR), 0xb0);
	out(MCR, 0x1f);
	assert_int_equal(in(MSR)&0xf0, 0xf0);
	out(MCR, 0x1a); /* as Linux probes: RTS and OUT2 */
	assert_int_equal(in(MSR)&0xf0, 0x90);
	out(MCR, 0x1e);
	out(DATA, 0xae);
	assert_int_equal(in(DATA), 0xae);
	assert_int_equal(fx.w.out_count, 0);
	out(FCR, 0x01);
	for (uint8_t i = 0; i < 20; i++)
		out(DATA, i);
	assert_int_equal(in(LSR), 0x63);
	for (uint8_t i = 0; i < 16; i++)
		assert_int_equal(in(DATA), i);
	assert_int_equal(in(LSR), 0x60);
}

static void ring_indicator_counts_when_it_falls(void **state)
{
	(void)state;
	out(MCR, 0x10);
	in(MSR);
	out(MCR, 0x14);
	assert_int_equal(in(MSR), 0x40);
	out(MCR, 0x10);
	assert_int_equal(in(MSR), 0x04);
	assert_int_equal(in(MSR), 0x00);
}

static void input_wanted_by_interrupt(void **state)
{
	(void)state;
	/* Linux probing: drains, toggles the transmitter interrupt. */
	out(FCR, 0x07);
	in(LSR);
	in(DATA);
	in(IIR);
	in(MSR);
	in(LSR);
	out(IER, 0x02);
	in(LSR);
	in(IIR);
	out(IER, 0x00);
	assert_int_equal(fx.w.wanted, 0);
	out(IER, 0x05);
	assert_int_equal(fx.w.wanted, 1);
	out(IER, 0x00);
	out(IER, 0x05);
	assert_int_equal(fx.w.wanted, 1);
}

static void input_wanted_by_polling(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		in(LSR); /* waits for the transmitter */
		out(DATA, '.');
	}
	assert_int_equal(fx.w.wanted, 0);
	in(LSR);
	in(LSR);
	assert_int_equal(fx.w.wanted, 1);
	in(LSR);
	assert_int_equal(fx.w.wanted, 1);
}

/* What Linux does before it is ready, with bytes on the line. */
static void probing_loses_nothing(void **state)
{
	(void)state;
	out(IER, 0x0f); /* which bits are there */
	assert_int_equal(in(IER), 0x0f);
	assert_int_equal(fx.w.wanted, 1);
	receive("hello");
	assert_int_equal(fx.w.level[4], 1);
	out(IER, 0x00);
	assert_int_equal(fx.w.level[4], 0);
	out(FCR, 0x07);
	assert_int_equal(in(LSR), 0x60);
	assert_int_equal(in(DATA), 0);
	assert_int_equal(in(LSR), 0x60);
	assert_int_equal(in(LSR), 0x60); /* polls for the transmitter ... */
	out(IER, 0x02);                  /* ... not for input */
	out(IER, 0x00);
	assert_int_equal(in(LSR), 0x60);
	assert_int_equal(in(DATA), 0);
	out(IER, 0x05);
	assert_int_equal(fx.w.level[4], 1);
	assert_int_equal(in(DATA), 'h');
}

static void polling_shows_the_bytes(void **state)
{
	(void)state;
	receive("ab");
	assert_int_equal(in(LSR), 0x60);
	assert_int_equal(in(LSR), 0x60);
	assert_int_equal(in(LSR), 0x61);
	assert_int_equal(in(DATA), 'a');
	out(DATA, 'a');
	assert_int_equal(in(LSR), 0x61);
	assert_int_equal(in(DATA), 'b');
	assert_int_equal(fx.w.edges, 0);
}

static void nothing_is_lost(void **state)
{
	uint8_t bytes[SERIAL_RX_SIZE + 10];
	size_t taken;

	(void)state;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	out(IER, 0x01);
	taken = serial_receive(&fx.s, bytes, sizeof(bytes));
	assert_int_equal(taken, SERIAL_RX_SIZE);
	assert_int_equal(serial_receive(&fx.s, bytes, 1), 0);
	out(FCR, 0x07);
	for (unsigned int i = 0; i < SERIAL_RX_SIZE - 1; i++)
		assert_int_equal(in(DATA), bytes[i]);
	assert_int_equal(fx.w.room, 0);
	assert_int_equal(in(DATA), bytes[SERIAL_RX_SIZE - 1]);
	assert_int_equal(fx.w.room, 1);
	assert_int_equal(serial_receive(&fx.s, bytes + taken, 10), 10);
	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(in(DATA), bytes[taken + i]);
	assert_int_equal(fx.w.room, 1);
}

static void loopback_cuts_the_line(void **state)
{
	(void)state;
	out(IER, 0x01);
	out(MCR, 0x10);
	assert_int_equal(receive("a"), 0);
	assert_int_equal(in(LSR), 0x60);
	assert_int_equal(fx.w.room, 0);
	out(MCR, 0x00);
	assert_int_equal(fx.w.room, 1);
	assert_int_equal(receive("a"), 1);
	assert_int_equal(in(DATA), 'a');
}

static void wide_access_is_split(void **state)
{
	(void)state;
	assert_true(bus_write(&fx.pio, DATA, 2, 0x0241));
	assert_memory_equal(fx.w.out, "A", 1);
	assert_int_equal(bus_read(&fx.pio, IER, 2, NULL), 0x0202);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sends, setup),
		cmocka_unit_test_setup(registers_read_back, setup),
		cmocka_unit_test_setup(fifo_is_identified, setup),
		cmocka_unit_test_setup(transmitter_interrupt, setup),
		cmocka_unit_test_setup(receiver_interrupt, setup),
		cmocka_unit_test_setup(fifo_trigger_and_timeout, setup),
		cmocka_unit_test_setup(priorities, setup),
		cmocka_unit_test_setup(loopback, setup),
		cmocka_unit_test_setup(ring_indicator_counts_when_it_falls,
				       setup),
		cmocka_unit_test_setup(input_wanted_by_interrupt, setup),
		cmocka_unit_test_setup(input_wanted_by_polling, setup),
		cmocka_unit_test_setup(probing_loses_nothing, setup),
		cmocka_unit_test_setup(polling_shows_the_bytes, setup),
		cmocka_unit_test_setup(nothing_is_lost, setup),
		cmocka_unit_test_setup(loopback_cuts_the_line, setup),
		cmocka_unit_test_setup(wide_access_is_split, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
