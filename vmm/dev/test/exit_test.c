// SPDX-License-Identifier: Apache-2.0
// Tests of the exit channels, wherever their ports are.
#include "vmm/dev/test/pcfix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct pcfix fx;

static int setup(void **state)
{
	(void)state;
	pcfix_build(&fx, 256 * MIB);
	return 0;
}

static unsigned int in(uint16_t port, unsigned int size)
{
	return pcfix_in(&fx, port, size);
}

static void out(uint16_t port, unsigned int size, uint32_t value)
{
	pcfix_out(&fx, port, size, value);
}

/* The last write ended the run so; the run is then forgotten. */
static void assert_stopped(enum power_event event, const char *channel,
			   uint32_t value)
{
	assert_int_equal(fx.w.stops, 1);
	assert_int_equal(fx.w.event, event);
	assert_string_equal(fx.w.channel, channel);
	assert_int_equal(fx.w.value, value);
	fx.w.stops = 0;
}

static void exit_channels_with_a_value(void **state)
{
	(void)state;
	out(0x501, 1, 41);
	assert_stopped(POWER_EXIT, "port 0x501", 41);
	out(0x501, 2, 41);
	assert_stopped(POWER_EXIT, "port 0x501", 41);
	out(0x501, 4, 0x12345678);
	assert_stopped(POWER_EXIT, "port 0x501", 0x12345678);
	out(0x501, 1, 0);
	assert_stopped(POWER_EXIT, "port 0x501", 0);
	out(0xf4, 1, 0x10);
	assert_stopped(POWER_EXIT, "port 0xf4", 0x10);
	out(0xf4, 4, 0);
	assert_stopped(POWER_EXIT, "port 0xf4", 0);
	out(0xf5, 1, 1);
	assert_int_equal(fx.w.stops, 0);
	assert_int_equal(in(0x501, 1), 0);
	assert_int_equal(in(0xf4, 4), 0);
}

static void pvpanic(void **state)
{
	(void)state;
	assert_int_equal(in(0x505, 1), 1);
	out(0x505, 1, 2);
	assert_int_equal(fx.w.stops, 0);
	out(0x505, 1, 1);
	assert_stopped(POWER_PANICKED, "pvpanic", 1);
}

static void acpi_power_off(void **state)
{
	(void)state;
	assert_int_equal(in(0x604, 2), 1); /* SCI_EN: ACPI is on */
	out(0x604, 2, 0x0001);
	assert_int_equal(fx.w.stops, 0);
	out(0x604, 2, 0x2000);
	assert_stopped(POWER_OFF, "ACPI S5", 0x2000);
	assert_int_equal(in(0x604, 2), 1);
	out(0x604, 2, 0x3401);
	assert_stopped(POWER_OFF, "ACPI S5", 0x3401);
	assert_int_equal(in(0x604, 2), 0x1401);
	out(0x604, 4, 0x2000);
	assert_stopped(POWER_OFF, "ACPI S5", 0x2000);
	out(0x605, 1, 0x20);
	assert_stopped(POWER_OFF, "ACPI S5", 0x2000);
}

static void acpi_events(void **state)
{
	(void)state;
	assert_int_equal(in(0x600, 2), 0);
	out(0x602, 2, 0x0121);
	assert_int_equal(in(0x602, 2), 0x0121);
	assert_int_equal(in(0x600, 4), 0x01210000);
	out(0x600, 2, 0xffff);
	assert_int_equal(in(0x600, 2), 0);
	assert_int_equal(fx.w.stops, 0);
}

static void pm_timer(void **state)
{
	(void)state;
	assert_int_equal(in(0x608, 4), 0);
	fx.w.monotonic_ns = NS_PER_S;
	assert_int_equal(in(0x608, 4), 3579545);
	fx.w.monotonic_ns = (uint64_t)1 << 60; /* 36 years */
	assert_int_equal(in(0x608, 4), (uint32_t)(((__uint128_t)1 << 60) *
						  3579545 / NS_PER_S));
	assert_int_equal(in(0x608, 2), in(0x608, 4) & 0xffff);
}

static void resets(void **state)
{
	(void)state;
	out(0xcf9, 1, 0x02);
	assert_int_equal(fx.w.stops, 0);
	assert_int_equal(in(0xcf9, 1), 0x02);
	out(0xcf9, 1, 0x06);
	assert_stopped(POWER_RESET, "port 0xcf9", 6);
	assert_int_equal(in(0x92, 1), 0x02);
	out(0x92, 1, 0x02);
	assert_int_equal(fx.w.stops, 0);
	out(0x92, 1, 0x03);
	assert_stopped(POWER_RESET, "port 0x92", 3);
	out(0x64, 1, 0xfe);
	assert_stopped(POWER_RESET, "keyboard controller", 0xfe);
	out(0x64, 1, 0xff); /* pulses nothing */
	out(0x64, 1, 0xd1);
	out(0x60, 1, 0xdf); /* A20 on */
	assert_int_equal(fx.w.stops, 0);
	out(0x64, 1, 0xd1);
	out(0x60, 1, 0xde);
	assert_stopped(POWER_RESET, "keyboard controller", 0xde);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(exit_channels_with_a_value, setup),
		cmocka_unit_test_setup(pvpanic, setup),
		cmocka_unit_test_setup(acpi_power_off, setup),
		cmocka_unit_test_setup(acpi_events, setup),
		cmocka_unit_test_setup(pm_timer, setup),
		cmocka_unit_test_setup(resets, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
