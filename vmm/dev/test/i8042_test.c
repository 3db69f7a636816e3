// SPDX-License-Identifier: Apache-2.0
// Tests of the keyboard controller: every question is answered.
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

/* Waits like a kernel without a time-out. */
static unsigned int keyboard_answer(void)
{
	assert_int_equal(in(0x64, 1) & 3, 1);
	return in(0x60, 1);
}

static void keyboard_controller(void **state)
{
	(void)state;
	assert_int_equal(in(0x64, 1), 0x14);
	out(0x64, 1, 0xaa);
	assert_int_equal(in(0x64, 1), 0x1d);
	assert_int_equal(keyboard_answer(), 0x55);
	assert_int_equal(in(0x64, 1) & 1, 0);
	out(0x64, 1, 0xab);
	assert_int_equal(keyboard_answer(), 0);
	out(0x64, 1, 0xa9);
	assert_int_equal(keyboard_answer(), 1);
	out(0x64, 1, 0xd0);
	assert_int_equal(keyboard_answer(), 0xcf);
	out(0x64, 1, 0xc0);
	assert_int_equal(keyboard_answer(), 0x80);
	out(0x64, 1, 0x60);
	out(0x60, 1, 0x45);
	out(0x64, 1, 0x20);
	assert_int_equal(keyboard_answer(), 0x45);
	out(0x64, 1, 0xad);
	out(0x64, 1, 0xa7);
	out(0x64, 1, 0x20);
	assert_int_equal(keyboard_answer(), 0x75);
	out(0x64, 1, 0x61);
	out(0x60, 1, 0xff); /* internal RAM, not a keyboard command */
	assert_int_equal(in(0x64, 1) & 1, 0);
}

/* Linux i8042_check_aux(): a loop answer without the aux bit, then 0xa9. */
static void no_mouse(void **state)
{
	(void)state;
	out(0x64, 1, 0xd3);
	out(0x60, 1, 0x5a);
	assert_int_equal(in(0x64, 1) & 0x21, 0x01);
	assert_int_equal(keyboard_answer(), 0x5a);
	out(0x64, 1, 0xd4);
	out(0x60, 1, 0xff);
	assert_int_equal(in(0x64, 1) & 0x21, 0x21);
	assert_int_equal(keyboard_answer(), 0xfa);
	assert_int_equal(keyboard_answer(), 0xaa);
	assert_int_equal(keyboard_answer(), 0x00);
	assert_int_equal(fx.w.edges, 1); /* by the loop answer */
}

static void keyboard_commands(void **state)
{
	(void)state;
	for (unsigned int command = 0; command < 256; command++) {
		unsigned int answers = 0;

		out(0x60, 1, command);
		while (in(0x64, 1) & 1) {
			in(0x60, 1);
			assert_true(++answers < 5);
		}
		assert_true(answers > 0);
	}
	out(0x60, 1, 0xf4);
	keyboard_answer();
	out(0x60, 1, 0xff);
	assert_int_equal(keyboard_answer(), 0xfa);
	assert_int_equal(keyboard_answer(), 0xaa);
	out(0x60, 1, 0xf2);
	assert_int_equal(keyboard_answer(), 0xfa);
	assert_int_equal(keyboard_answer(), 0xab);
	assert_int_equal(keyboard_answer(), 0x83);
	out(0x60, 1, 0xed);
	assert_int_equal(keyboard_answer(), 0xfa);
	out(0x60, 1, 0xff); /* LEDs, not a reset */
	assert_int_equal(keyboard_answer(), 0xfa);
	assert_int_equal(in(0x64, 1) & 1, 0);
	out(0x60, 1, 0xf0);
	keyboard_answer();
	out(0x60, 1, 0);
	assert_int_equal(keyboard_answer(), 0xfa);
	assert_int_equal(keyboard_answer(), 2);
}

static void keyboard_interrupts(void **state)
{
	(void)state;
	out(0x60, 1, 0xf2);
	assert_int_equal(fx.w.level[1], 1);
	assert_int_equal(fx.w.gsi, 1);
	in(0x60, 1);
	in(0x60, 1);
	assert_int_equal(fx.w.edges, 3); /* one per byte */
	in(0x60, 1);
	assert_int_equal(fx.w.level[1], 0);
	out(0x64, 1, 0x60);
	out(0x60, 1, 0x44);
	out(0x60, 1, 0xf2);
	assert_int_equal(fx.w.level[1], 0);
	assert_int_equal(in(0x64, 1) & 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keyboard_controller, setup),
		cmocka_unit_test_setup(no_mouse, setup),
		cmocka_unit_test_setup(keyboard_commands, setup),
		cmocka_unit_test_setup(keyboard_interrupts, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
