// SPDX-License-Identifier: Apache-2.0
// The bell, driven as uio_pci_generic and a program under it do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "vmm/dev/bell.h"
#include "vmm/dev/test/pcfix.h"

#define SLOT   31u
#define IRQ    11u
#define CONFIG (PC_ECAM + ((uint64_t)SLOT << 15))
#define NO_INT 0x0400u

static struct pcfix fx;
static struct bell bell;

static int setup(void **state)
{
	struct irq_line irq;

	(void)state;
	pcfix_build(&fx, 256 * MIB);
	irq = wires_irq(&fx.w, IRQ);
	bell_attach(&bell, &fx.pc.pci, SLOT, &irq, IRQ);
	return 0;
}

static uint64_t get(unsigned int reg, unsigned int size)
{
	return bus_read(&fx.mmio, CONFIG + reg, size, NULL);
}

static void set(unsigned int reg, unsigned int size, uint64_t value)
{
	bus_write(&fx.mmio, CONFIG + reg, size, value);
}

static void test_identity(void **state)
{
	(void)state;
	assert_int_equal(get(PCI_CFG_VENDOR, 4), 0x00014456);
	assert_int_equal(get(PCI_CFG_CLASS, 2), 0xff00);
	assert_int_equal(get(PCI_CFG_INT_PIN, 1), 1);
	assert_int_equal(get(PCI_CFG_INT_LINE, 1), IRQ);
	set(PCI_CFG_BAR0, 4, 0xffffffff);
	assert_int_equal(get(PCI_CFG_BAR0, 4), 0);
	set(PCI_CFG_STATUS, 2, 0xffff);
	assert_int_equal(get(PCI_CFG_STATUS, 2), 0);
	/* pci_intx_mask_supported(): the bit can be set and cleared. */
	set(PCI_CFG_COMMAND, 2, 0xffff);
	assert_int_equal(get(PCI_CFG_COMMAND, 2), NO_INT | 7);
	set(PCI_CFG_COMMAND, 2, 0);
	assert_int_equal(get(PCI_CFG_COMMAND, 2), 0);
	assert_int_equal(fx.w.edges, 0);
}

static void test_ring(void **state)
{
	(void)state;
	for (unsigned int i = 1; i <= 3; i++) {
		bell_ring(&bell);
		bell_ring(&bell); /* hints coalesce */
		assert_int_equal(fx.w.level[IRQ], 1);
		assert_int_equal(fx.w.edges, i);
		assert_int_equal(get(PCI_CFG_STATUS, 2), 8);
		/* The driver's handler. */
		set(PCI_CFG_COMMAND, 2, NO_INT);
		assert_int_equal(fx.w.level[IRQ], 0);
		/* The program. */
		set(BELL_ACK, 1, 0);
		set(PCI_CFG_COMMAND, 2, 0);
		assert_int_equal(get(PCI_CFG_STATUS, 2), 0);
		assert_int_equal(fx.w.level[IRQ], 0);
	}
}

/* Rung between acknowledgement and enabling: it must not be lost. */
static void test_race(void **state)
{
	(void)state;
	bell_ring(&bell);
	set(PCI_CFG_COMMAND, 2, NO_INT);
	set(BELL_ACK, 4, 0);
	bell_ring(&bell);
	assert_int_equal(fx.w.level[IRQ], 0);
	set(PCI_CFG_COMMAND, 2, 0);
	assert_int_equal(fx.w.level[IRQ], 1);
	/* Bytes beside the register are none of its business. */
	set(BELL_ACK + 4, 4, 0);
	assert_int_equal(fx.w.level[IRQ], 1);
	set(BELL_ACK, 4, 0);
	assert_int_equal(fx.w.level[IRQ], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_identity, setup),
		cmocka_unit_test_setup(test_ring, setup),
		cmocka_unit_test_setup(test_race, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
