// SPDX-License-Identifier: ISC
// Sleeps through ten timer ticks and compares two clocks.
#include <dive.h>

#define TICKS     10
#define PERIOD_US 10000

static volatile uint32_t ticks;

static void tick(void)
{
	ticks++;
}

int dive_main(const struct dive_boot *boot)
{
	uint64_t start = dive_now_us(), elapsed;

	if (!dive_timer(PERIOD_US, tick))
		dive_panic("no timer at %lu Hz", boot->lapic_hz);
	for (;;) {
		dive_irq_off();
		if (ticks >= TICKS)
			break;
		dive_wait();
	}
	elapsed = dive_now_us() - start;
	dive_timer(0, NULL);
	dive_irq_on();
	dive_log("TSC %lu kHz, APIC timer %lu Hz, %lu us\n", boot->tsc_khz,
		 boot->lapic_hz, elapsed);
	dive_printf("%u ticks\n", ticks);
	/* A busy host makes ticks late, never early. */
	return elapsed < TICKS * PERIOD_US * 9 / 10;
}
