// SPDX-License-Identifier: Apache-2.0
// Tests of the small ports and of the memory map of the PC.
#include "vmm/dev/test/pcfix.h"

#include <errno.h>
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

static void debug_console(void **state)
{
	(void)state;
	assert_int_equal(in(0xe9, 1), 0xe9);
	out(0xe9, 1, 'x');
	assert_int_equal(fx.w.out_count, 1);
	assert_int_equal(fx.w.out[0], 'x');
}

static void quiet_ports(void **state)
{
	static const uint16_t port[] = { 0x22, 0x23, 0x80, 0x8f, 0xed };

	(void)state;
	for (size_t i = 0; i < sizeof(port) / sizeof(port[0]); i++) {
		assert_int_equal(in(port[i], 1), 0xff);
		out(port[i], 1, 0);
	}
}

static void vga_registers(void **state)
{
	(void)state;
	/* xv6 reads the cursor position back and panics when it is absurd. */
	out(0x3d4, 1, 14);
	assert_int_equal(in(0x3d5, 1), 0);
	out(0x3d4, 2, 0x050e);
	assert_int_equal(in(0x3d5, 1), 5);
	out(0x3d4, 1, 15);
	assert_int_equal(in(0x3d5, 1), 0);
	in(0x3da, 1);
	out(0x3c0, 1, 0x10);
	out(0x3c0, 1, 0x0c);
	assert_int_equal(in(0x3c1, 1), 0x0c);
	assert_int_equal(in(0x3cc, 1) & 1, 1);
	assert_int_not_equal(in(0x3da, 1), in(0x3da, 1));
}

static void memory_map(void **state)
{
	struct board b = { .cpus = 1 };
	struct err e;

	(void)state;
	assert_int_equal(pc_board_map(&b, MIB, &e), -EINVAL);
	assert_int_equal(pc_board_map(&b, 256 * MIB + 1, &e), -EINVAL);
	assert_int_equal(pc_board_map(&b, UINT64_MAX - 4095, &e), -EINVAL);
	assert_int_equal(pc_board_map(&b, 256 * MIB, &e), 0);
	assert_int_equal(b.ranges, 5);
	assert_int_equal(b.range[2].gpa, MIB);
	assert_int_equal(b.range[2].size, 255 * MIB);
	assert_int_equal(b.rsdp, 0xe0000);
	assert_int_equal(pc_board_map(&b, 5 * GIB, &e), 0);
	assert_int_equal(b.ranges, 6);
	assert_true(b.range[2].gpa + b.range[2].size == 3 * GIB);
	assert_true(b.range[5].gpa == 4 * GIB);
	assert_true(b.range[5].size == 2 * GIB);
	for (unsigned int i = 1; i < b.ranges; i++)
		assert_true(b.range[i - 1].gpa + b.range[i - 1].size <=
			    b.range[i].gpa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(debug_console, setup),
		cmocka_unit_test_setup(quiet_ports, setup),
		cmocka_unit_test_setup(vga_registers, setup),
		cmocka_unit_test_setup(memory_map, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
