// SPDX-License-Identifier: Apache-2.0
// Tests of the clock and of what CMOS memory says about RAM.
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

static unsigned int cmos(uint8_t reg)
{
	out(0x70, 1, reg);
	return in(0x71, 1);
}

static void cmos_set(uint8_t reg, uint8_t value)
{
	out(0x70, 1, reg);
	out(0x71, 1, value);
}

static void clock_tells_the_time(void **state)
{
	(void)state;
	assert_int_equal(cmos(0x00), 0x03);
	assert_int_equal(cmos(0x02), 0x17);
	assert_int_equal(cmos(0x04), 0x08);
	assert_int_equal(cmos(0x06), 0x02);
	assert_int_equal(cmos(0x07), 0x23);
	assert_int_equal(cmos(0x08), 0x11);
	assert_int_equal(cmos(0x09), 0x26);
	assert_int_equal(cmos(0x32), 0x20);
	assert_int_equal(cmos(0x0b), 0x02);
	assert_int_equal(cmos(0x0c), 0x00);
	assert_int_equal(cmos(0x0d), 0x80);
	assert_int_equal(cmos(0x8d), 0x80); /* NMI masked */
	cmos_set(0x07, 1);
	assert_int_equal(cmos(0x07), 0x23);
	cmos_set(0x0b, 0x06); /* binary */
	assert_int_equal(cmos(0x07), 23);
	assert_int_equal(cmos(0x09), 26);
	assert_int_equal(in(0x70, 1), 0xff);
}

static void clock_in_twelve_hours(void **state)
{
	static const uint8_t bcd[24] = {
		0x12, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
		0x08, 0x09, 0x10, 0x11, 0x92, 0x81, 0x82, 0x83,
		0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x90, 0x91,
	};

	(void)state;
	cmos_set(0x0b, 0x00);
	for (unsigned int h = 0; h < 24; h++) {
		fx.w.realtime_ns = (uint64_t)h * 3600 * NS_PER_S;
		assert_int_equal(cmos(0x04), bcd[h]);
	}
}

static void calendar(void **state)
{
	static const struct {
		uint64_t second;
		uint8_t bcd[5]; /* century, year, month, day, weekday */
	} days[] = {
		{ 0, { 0x19, 0x70, 0x01, 0x01, 0x05 } },
		{ 951782400, { 0x20, 0x00, 0x02, 0x29, 0x03 } },
		{ 951868800, { 0x20, 0x00, 0x03, 0x01, 0x04 } },
		{ 1709251199, { 0x20, 0x24, 0x02, 0x29, 0x05 } },
		{ 4107542399, { 0x21, 0x00, 0x02, 0x28, 0x01 } },
		{ 4107542400, { 0x21, 0x00, 0x03, 0x01, 0x02 } },
		{ 1767225599, { 0x20, 0x25, 0x12, 0x31, 0x04 } },
	};
	static const uint8_t reg[5] = { 0x32, 0x09, 0x08, 0x07, 0x06 };

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		fx.w.realtime_ns = days[i].second * NS_PER_S;
		for (size_t j = 0; j < 5; j++)
			assert_int_equal(cmos(reg[j]), days[i].bcd[j]);
	}
}

static void update_flag(void **state)
{
	(void)state;
	assert_int_equal(cmos(0x0a), 0x26);
	fx.w.realtime_ns += NS_PER_S - 2000000;
	assert_int_equal(cmos(0x0a), 0xa6);
	fx.w.realtime_ns += 2000000;
	assert_int_equal(cmos(0x0a), 0x26); /* this second was announced */
	fx.w.realtime_ns += NS_PER_S;
	assert_int_equal(cmos(0x0a), 0xa6); /* this one was missed */
	assert_int_equal(cmos(0x0a), 0x26);
	cmos_set(0x0b, 0x82);
	fx.w.realtime_ns += NS_PER_S;
	assert_int_equal(cmos(0x0a), 0x26); /* the guest stopped the clock */
}

static void memory_sizes(void **state)
{
	(void)state;
	assert_int_equal(cmos(0x15) | cmos(0x16) << 8, 640);
	assert_int_equal(cmos(0x30) | cmos(0x31) << 8, 63 * 1024);
	assert_int_equal(cmos(0x34) | cmos(0x35) << 8, 240 * 16);
	assert_int_equal(cmos(0x5b), 0);
	pcfix_build(&fx, 8 * MIB);
	assert_int_equal(cmos(0x17) | cmos(0x18) << 8, 7 * 1024);
	assert_int_equal(cmos(0x34) | cmos(0x35) << 8, 0);
	pcfix_build(&fx, 5 * GIB);
	assert_int_equal(cmos(0x34) | cmos(0x35) << 8, (3 * 1024 - 16) * 16);
	assert_int_equal(cmos(0x5b) | cmos(0x5c) << 8 | cmos(0x5d) << 16,
			 2 * 1024 * 16);
	cmos_set(0x0f, 0x0a);
	assert_int_equal(cmos(0x0f), 0x0a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(clock_tells_the_time, setup),
		cmocka_unit_test_setup(clock_in_twelve_hours, setup),
		cmocka_unit_test_setup(calendar, setup),
		cmocka_unit_test_setup(update_flag, setup),
		cmocka_unit_test_setup(memory_sizes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
