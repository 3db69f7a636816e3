// SPDX-License-Identifier: Apache-2.0
// Tests of PCI configuration space through ports and ECAM.
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

static uint64_t config(uint32_t address, unsigned int offset, unsigned int size)
{
	out(0xcf8, 4, address);
	return in((uint16_t)(0xcfc + offset), size);
}

static void pci_type_1(void **state)
{
	(void)state;
	assert_int_equal(config(0x80000000, 0, 4), 0x29c08086);
	assert_int_equal(in(0xcf8, 4), 0x80000000);
	assert_int_equal(config(0x80000000, 2, 2), 0x29c0);
	assert_int_equal(config(0x80000008, 3, 1), 0x06);
	assert_int_equal(config(0x8000000c, 2, 1), 0x00);
	assert_int_equal(config(0x00000000, 0, 4), 0xffffffff);
	for (uint32_t function = 1; function < 0x10000; function += 0x101)
		assert_int_equal(config(0x80000000 | function << 8, 0, 4),
				 0xffffffff);
	out(0xcf8, 4, 0x80000010);
	out(0xcfc, 4, 0xffffffff);
	assert_int_equal(in(0xcfc, 4), 0); /* no BAR */
	out(0xcf8, 4, 0x80000000);
	out(0xcfc, 4, 0);
	assert_int_equal(in(0xcfc, 4), 0x29c08086);
	/* Linux pci_check_type1() */
	out(0xcfb, 1, 0x01);
	assert_int_equal(in(0xcf8, 4), 0x80000000);
}

static void pci_ecam_shows_the_same(void **state)
{
	bool claimed;

	(void)state;
	assert_int_equal(bus_read(&fx.mmio, PC_ECAM, 4, &claimed), 0x29c08086);
	assert_true(claimed);
	assert_int_equal(bus_read(&fx.mmio, PC_ECAM + 0x100, 4, NULL), 0);
	assert_int_equal(bus_read(&fx.mmio, PC_ECAM + 0x1000, 4, NULL),
			 0xffffffff);
	assert_int_equal(bus_read(&fx.mmio, PC_ECAM + 0xffffe, 2, &claimed),
			 0xffff);
	assert_true(claimed);
	bus_write(&fx.mmio, PC_ECAM + 0x3c, 1, 0x0b);
	assert_int_equal(config(0x8000003c, 0, 1), 0x0b);
	assert_true(bus_read(&fx.mmio, PC_ECAM, 8, NULL) ==
		    (0x29c08086 | (uint64_t)0x00000006 << 32));
	bus_read(&fx.mmio, PC_ECAM + PCI_ECAM_SIZE, 4, &claimed);
	assert_false(claimed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pci_type_1, setup),
		cmocka_unit_test_setup(pci_ecam_shows_the_same, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
