// SPDX-License-Identifier: Apache-2.0
// Fuzzes the keyboard controller: it never makes a guest wait.
#include <string.h>

#include "vmm/dev/i8042.h"
#include "vmm/dev/test/fuzz.h"
#include "vmm/dev/test/wires.h"

struct model {
	struct bus pio;
	struct exits exits;
	struct i8042 k;
	struct wires w;
};

static unsigned int status(struct model *m)
{
	return (unsigned int)bus_read(&m->pio, 0x64, 1, NULL);
}

static void drain(struct model *m)
{
	for (unsigned int i = 0; i <= I8042_QUEUE; i++) {
		if (!(status(m) & 1))
			return;
		bus_read(&m->pio, 0x60, 1, NULL);
	}
	FUZZ_CHECK(false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct model m;
	struct power power;
	struct irq_line irq;

	memset(&m, 0, sizeof(m));
	power = wires_power(&m.w);
	irq = wires_irq(&m.w, 1);
	exits_attach(&m.exits, &m.pio, &power);
	i8042_attach(&m.k, &m.pio, &m.exits, &irq);
	for (int i = 0; i < FUZZ_STEPS_MAX && in.left > 0; i++) {
		unsigned int op = (unsigned int)fuzz_take(&in, 1) % 8;
		uint8_t value = (uint8_t)fuzz_take(&in, 1);
		unsigned int stops = m.w.stops;

		if (op < 3)
			bus_write(&m.pio, 0x64, 1, value);
		else if (op < 6)
			bus_write(&m.pio, 0x60, 1, value);
		else if (op == 6)
			bus_read(&m.pio, 0x60, 1, NULL);
		else
			drain(&m);
		/* Nothing but an even value pulls the reset line. */
		FUZZ_CHECK(m.w.stops == stops || !(value & 1));
		FUZZ_CHECK((status(&m) & 2) == 0);
		FUZZ_CHECK(!m.w.level[1] || (status(&m) & 0x21) == 1);
		/* A question gets its answer. */
		if (op < 3 && (value == 0xaa || value == 0xa9 || value == 0x20))
			FUZZ_CHECK(status(&m) & 1);
	}
	drain(&m);
	FUZZ_CHECK(m.w.level[1] == 0);
	return 0;
}
