// SPDX-License-Identifier: ISC
// Says that it is up, sleeps so many hundredths of a second as its argument
// says, then resets the machine: a PC by the line that a reboot pulls, a
// contract machine, which has none, by a triple fault.
#include <dive.h>

#define KEYBOARD   0x64
#define PULSE_LINE 0xfe
#define PERIOD_US  10000

static volatile uint32_t ticks;

static void tick(void)
{
	ticks++;
}

static void sleep_ticks(uint32_t count)
{
	if (!dive_timer(PERIOD_US, tick))
		dive_panic("no timer");
	for (;;) {
		dive_irq_off();
		if (ticks >= count)
			break;
		dive_wait();
	}
}

static void triple_fault(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("lidt %0\nud2" ::"m"(none));
}

int dive_main(const struct dive_boot *boot)
{
	uint32_t wait = 0;

	for (const char *at = boot->args; *at >= '0' && *at <= '9'; at++)
		wait = wait * 10 + (uint32_t)(*at - '0');
	dive_printf("up\n");
	if (wait)
		sleep_ticks(wait);
	dive_outb(KEYBOARD, PULSE_LINE);
	triple_fault();
	return 1;
}
