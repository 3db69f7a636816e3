// SPDX-License-Identifier: Apache-2.0
// Fuzzes the serial port against a model: no byte is lost or made up, and the
// interrupt line says what IIR says.
#include <string.h>

#include "vmm/dev/serial.h"
#include "vmm/dev/test/fuzz.h"
#include "vmm/dev/test/wires.h"

#define BASE 0x3f8

struct model {
	struct bus pio;
	struct serial s;
	struct wires w;
	uint8_t lcr;
	uint8_t mcr;
	uint64_t given; /* bytes from outside: byte i is (uint8_t)i */
	uint64_t got;
	uint64_t sent;
	unsigned int room;
	bool refused;
};

static bool looped(const struct model *m)
{
	return m->mcr & 0x10;
}

/* A guest that is not ready sees nothing, but loses nothing either. */
static bool ready(const struct model *m)
{
	return !looped(m) && ((m->s.ier & 1) || m->s.polling);
}

static bool plain_data(const struct model *m, unsigned int reg)
{
	return reg == 0 && !(m->lcr & 0x80) && !looped(m);
}

/* Somebody who was refused is told when all is read, and only then. */
static void check_room(struct model *m)
{
	if (m->refused && m->got == m->given && !looped(m)) {
		m->refused = false;
		m->room++;
	}
	FUZZ_CHECK(m->w.room == m->room);
}

static void guest_reads(struct model *m, unsigned int reg)
{
	bool pending = m->w.level[4];
	bool waiting = m->got < m->given && ready(m);
	uint64_t value = bus_read(&m->pio, BASE + reg, 1, NULL);

	if (reg == 2)
		FUZZ_CHECK(pending == !(value & 1));
	if (reg == 5 && !looped(m))
		FUZZ_CHECK(waiting == (value & 1));
	if (reg == 5)
		FUZZ_CHECK((value & 0x60) == 0x60);
	if (plain_data(m, reg)) {
		FUZZ_CHECK(value == (waiting ? (uint8_t)m->got : 0));
		m->got += waiting;
	}
}

static void guest_writes(struct model *m, unsigned int reg, uint8_t value)
{
	if (plain_data(m, reg))
		m->sent++;
	if (reg == 3)
		m->lcr = value;
	if (reg == 4)
		m->mcr = value;
	bus_write(&m->pio, BASE + reg, 1, value);
	FUZZ_CHECK(m->w.out_count == m->sent);
	if (m->s.ier & 1)
		FUZZ_CHECK(m->w.wanted == 1);
}

static void host_sends(struct model *m, size_t count)
{
	uint8_t bytes[256];
	size_t taken;

	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(m->given + i);
	taken = serial_receive(&m->s, bytes, count);
	FUZZ_CHECK(taken <= count);
	FUZZ_CHECK(!looped(m) || taken == 0);
	m->given += taken;
	FUZZ_CHECK(m->given - m->got <= SERIAL_RX_SIZE);
	if (taken < count)
		m->refused = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct model m;
	struct serial_wires wires;

	memset(&m, 0, sizeof(m));
	wires = (struct serial_wires){
		.irq = wires_irq(&m.w, 4),
		.out = wires_sink(&m.w),
		.input_wanted = wires_wanted,
		.input_room = wires_room,
		.ctx = &m.w,
	};
	serial_attach(&m.s, &m.pio, BASE, &wires);
	for (int i = 0; i < FUZZ_STEPS_MAX && in.left > 0; i++) {
		unsigned int op = (unsigned int)fuzz_take(&in, 1);

		if (op < 0x70)
			guest_reads(&m, op % 8);
		else if (op < 0xe0)
			guest_writes(&m, op % 8, (uint8_t)fuzz_take(&in, 1));
		else
			host_sends(&m, 1 + fuzz_take(&in, 1));
		check_room(&m);
		FUZZ_CHECK(m.w.wanted <= 1);
	}
	return 0;
}
