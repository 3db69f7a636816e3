// SPDX-License-Identifier: ISC
// Counts timer ticks for ever, and says when some did not come.
#include <dive.h>

#define PERIOD_US 10000
#define ROUND     10 /* ticks between two looks at the other clock */

static volatile uint32_t ticks;

static void tick(void)
{
	ticks++;
}

static uint32_t wait_for(uint32_t count)
{
	uint32_t now;

	for (;;) {
		dive_irq_off();
		now = ticks;
		if (now >= count)
			break;
		dive_wait();
	}
	dive_irq_on();
	return now;
}

/*
 * A periodic timer that is not served in time ticks once for several periods.
 * What is late on a busy host is told apart from what is lost by the reader:
 * a machine that stood still is missing all of its ticks.
 */
int dive_main(const struct dive_boot *boot)
{
	uint64_t start = dive_now_us();
	uint32_t seen = 0;

	dive_handle_shutdown();
	if (!dive_timer(PERIOD_US, tick))
		dive_panic("no timer at %lu Hz", boot->lapic_hz);
	while (!dive_shutdown()) {
		uint64_t due;

		seen = wait_for(seen + ROUND);
		due = (dive_now_us() - start) / PERIOD_US;
		dive_printf("%u of %lu\n", seen, due);
	}
	return 0;
}
