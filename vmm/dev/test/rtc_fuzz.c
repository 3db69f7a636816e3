// SPDX-License-Identifier: Apache-2.0
// Fuzzes the clock: what it shows is a time, and nobody waits for ever.
#include <string.h>

#include "vmm/dev/rtc.h"
#include "vmm/dev/test/fuzz.h"
#include "vmm/dev/test/wires.h"

#define NS_PER_MS  1000000u
#define YEARS_8000 ((uint64_t)8029 * 31556952 * 1000 * NS_PER_MS)

struct model {
	struct bus pio;
	struct rtc rtc;
	struct wires w;
};

static uint8_t get(struct model *m, uint8_t reg)
{
	bus_write(&m->pio, 0x70, 1, reg);
	return (uint8_t)bus_read(&m->pio, 0x71, 1, NULL);
}

static unsigned int decode(struct model *m, uint8_t reg)
{
	uint8_t raw = get(m, reg);
	uint8_t value = reg == 4 ? raw & 0x7f : raw;

	if (get(m, 0x0b) & 4)
		return value;
	FUZZ_CHECK(value % 16 < 10 && value / 16 < 10);
	return value / 16 * 10u + value % 16;
}

static void check_date(struct model *m)
{
	FUZZ_CHECK(decode(m, 0) < 60);
	FUZZ_CHECK(decode(m, 2) < 60);
	FUZZ_CHECK(decode(m, 4) < 24);
	FUZZ_CHECK(decode(m, 6) - 1 < 7);
	FUZZ_CHECK(decode(m, 7) - 1 < 31);
	FUZZ_CHECK(decode(m, 8) - 1 < 12);
	FUZZ_CHECK(decode(m, 9) < 100);
	FUZZ_CHECK(decode(m, 0x32) < 100);
}

/* Waits for the update flag to be @up, looking every @ms. */
static void wait_for_update(struct model *m, bool up, unsigned int ms)
{
	for (unsigned int waited = 0; waited <= 3000; waited += ms) {
		if (!(get(m, 0x0a) & 0x80) == !up)
			return;
		m->w.realtime_ns += ms * (uint64_t)NS_PER_MS;
	}
	FUZZ_CHECK(false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct model m;
	struct timebase time;

	memset(&m, 0, sizeof(m));
	time = wires_time(&m.w);
	m.w.realtime_ns = fuzz_take(&in, 8) % YEARS_8000;
	rtc_attach(&m.rtc, &m.pio, &time, fuzz_take(&in, 8), fuzz_take(&in, 8));
	check_date(&m);
	for (int i = 0; i < 256 && in.left > 0; i++) {
		unsigned int ms = 1 + (unsigned int)fuzz_take(&in, 1);

		bus_write(&m.pio, 0x70, 1, fuzz_take(&in, 1));
		bus_write(&m.pio, 0x71, fuzz_size(&in), fuzz_take(&in, 8));
		bus_read(&m.pio, 0x70, fuzz_size(&in), NULL);
		m.w.realtime_ns = fuzz_take(&in, 8) % YEARS_8000;
		check_date(&m);
		wait_for_update(&m, false, ms);
		if (!(get(&m, 0x0b) & 0x80))
			wait_for_update(&m, true, ms);
	}
	return 0;
}
