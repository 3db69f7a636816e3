// SPDX-License-Identifier: Apache-2.0
// Tests of virtio over PCI: what drivers do, modern and legacy.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#include "vmm/virtio/rng.h"
#include "vmm/virtio/test/rig.h"

#define OK_STATUS                                               \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
	 VIRTIO_CONFIG_S_FEATURES_OK)
#define WRITE  VRING_DESC_F_WRITE
#define COMMON (RIG_MEM + 0x0000)
#define ISR    (RIG_MEM + 0x1000)
#define NOTIFY (RIG_MEM + 0x3000)
#define TABLE  (RIG_MEM + 0x4000)
#define PBA    (RIG_MEM + 0x5000)

struct fixture {
	struct rig rig;
	struct rng rng;
};

static struct fixture fx;

static int setup(void **state)
{
	(void)state;
	rig_memory(&fx.rig);
	rng_init(&fx.rng, &fx.rig.mem);
	rig_attach_pci(&fx.rig, &fx.rng.device);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(&fx.rig);
	return 0;
}

/* A request of 8 bytes, answered. */
static void offer(void)
{
	rig_desc(&fx.rig, 0, (struct vring_desc){ RIG_BUFFER, 8, WRITE, 0 });
	rig_offer(&fx.rig, 0);
}

static void answered(unsigned int count)
{
	assert_true(rig_serve(&fx.rig));
	assert_int_equal(rig_used(&fx.rig)->idx, count);
	assert_int_equal(rig_used(&fx.rig)->ring[count - 1].len, 8);
}

static uint32_t config(unsigned int reg, unsigned int size)
{
	bus_write(&fx.rig.pio, 0xcf8, 4,
		  0x80000000 | RIG_DEVICE << 11 | (reg & 0xfc));
	return (uint32_t)bus_read(&fx.rig.pio, 0xcfc + reg % 4, size, NULL);
}

static void set_config(unsigned int reg, unsigned int size, uint32_t value)
{
	bus_write(&fx.rig.pio, 0xcf8, 4,
		  0x80000000 | RIG_DEVICE << 11 | (reg & 0xfc));
	bus_write(&fx.rig.pio, 0xcfc + reg % 4, size, value);
}

/* Offset of the capability with this ID and type; 0 = none. */
static unsigned int capability(uint8_t id, uint8_t type)
{
	unsigned int at = config(PCI_CFG_CAP_LIST, 1);

	for (unsigned int i = 0; at && i < 16; i++) {
		if (config(at, 1) == id &&
		    (id != 9 || config(at + 3, 1) == type))
			return at;
		at = config(at + 1, 1);
	}
	return 0;
}

static uint64_t mem(uint64_t at, unsigned int size)
{
	return bus_read(&fx.rig.bus, at, size, NULL);
}

static void set_mem(uint64_t at, unsigned int size, uint64_t value)
{
	bus_write(&fx.rig.bus, at, size, value);
}

static void identity(void **state)
{
	(void)state;
	assert_int_equal(config(0, 4), 0x10051af4);
	assert_int_equal(config(PCI_CFG_SUB_ID, 2), 4);
	assert_int_equal(config(PCI_CFG_STATUS, 2) & 0x10, 0x10);
	assert_int_equal(config(PCI_CFG_BAR0, 4), RIG_PORT | 1);
	set_config(PCI_CFG_BAR0, 4, UINT32_MAX);
	assert_int_equal(config(PCI_CFG_BAR0, 4), 0xff81);
	set_config(PCI_CFG_BAR1, 4, UINT32_MAX);
	assert_int_equal(config(PCI_CFG_BAR1, 4), 0xffff8000);
	for (uint8_t type = 1; type <= 5; type++)
		assert_int_equal(!capability(9, type), type == 4);
	assert_int_equal(config(capability(0x11, 0) + 2, 2),
			 VIRTIO_PCI_VECTORS - 1);
}

static void start_pci(void)
{
	set_mem(COMMON + VIRTIO_PCI_COMMON_STATUS, 1, 0);
	set_mem(COMMON + VIRTIO_PCI_COMMON_STATUS, 1, 3);
	set_mem(COMMON + VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
	set_mem(COMMON + VIRTIO_PCI_COMMON_GF, 4, 1);
	set_mem(COMMON + VIRTIO_PCI_COMMON_STATUS, 1, OK_STATUS);
	assert_int_equal(mem(COMMON + VIRTIO_PCI_COMMON_STATUS, 1), OK_STATUS);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_SELECT, 2, 0);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_SIZE, 2, RIG_SIZE);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_DESCLO, 4, RIG_DESC);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_AVAILLO, 4, RIG_AVAIL);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_USEDLO, 4, RIG_USED);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_MSIX, 2, 1);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	set_mem(COMMON + VIRTIO_PCI_COMMON_STATUS, 1,
		OK_STATUS | VIRTIO_CONFIG_S_DRIVER_OK);
}

static void by_line(void **state)
{
	struct virtio_doorbell bell;

	(void)state;
	start_pci();
	assert_true(fx.rng.device.doorbell(fx.rng.device.transport, 0, &bell));
	assert_int_equal(bell.addr, NOTIFY);
	assert_false(bell.is_port);
	offer();
	set_mem(NOTIFY, 2, 0);
	answered(1);
	assert_int_equal(fx.rig.level, 1);
	assert_int_equal(fx.rig.messages, 0);
	assert_int_equal(config(PCI_CFG_STATUS, 2) & 8, 8);
	assert_int_equal(mem(ISR, 1), 1);
	assert_int_equal(fx.rig.level, 0);
	assert_int_equal(mem(ISR, 1), 0);
	/* Interrupts switched off: the ISR tells all the same. */
	set_config(PCI_CFG_COMMAND, 2, 0x407);
	offer();
	set_mem(NOTIFY, 2, 0);
	answered(2);
	assert_int_equal(fx.rig.level, 0);
	set_config(PCI_CFG_COMMAND, 2, 0x7);
	assert_int_equal(fx.rig.level, 1);
}

static void by_message(void **state)
{
	unsigned int flags = capability(0x11, 0) + 2;

	(void)state;
	set_mem(TABLE + 16, 8, 0xfee01000);
	set_mem(TABLE + 24, 4, 0x41);
	start_pci();
	set_config(flags, 2, 0x8000);
	offer();
	set_mem(NOTIFY, 2, 0);
	answered(1);
	assert_int_equal(fx.rig.messages, 0); /* the entry is masked */
	assert_int_equal(mem(PBA, 8), 2);
	set_mem(TABLE + 28, 4, 0);
	assert_int_equal(fx.rig.messages, 1);
	assert_int_equal(fx.rig.address, 0xfee01000);
	assert_int_equal(fx.rig.data, 0x41);
	assert_int_equal(mem(PBA, 8), 0);
	set_config(flags, 2, 0xc000); /* all are masked */
	offer();
	set_mem(NOTIFY, 2, 0);
	answered(2);
	assert_int_equal(fx.rig.messages, 1);
	set_config(flags, 2, 0x8000);
	assert_int_equal(fx.rig.messages, 2);
	assert_int_equal(fx.rig.edges, 0);
	/* A vector that is not there is none. */
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_MSIX, 2, VIRTIO_PCI_VECTORS);
	assert_int_equal(mem(COMMON + VIRTIO_PCI_COMMON_Q_MSIX, 2),
			 VIRTIO_PCI_NO_VECTOR);
}

/* Who calls without us knows at any time whether, and what, to send. */
static void message_is_wired(void **state)
{
	unsigned int flags = capability(0x11, 0) + 2;

	(void)state;
	set_mem(TABLE + 16, 8, 0xfee01000);
	set_mem(TABLE + 24, 4, 0x41);
	set_mem(TABLE + 28, 4, 0);
	start_pci(); /* the queue gets vector 1 */
	assert_int_equal(fx.rig.wired[0], 0);
	set_config(flags, 2, 0x8000);
	assert_int_equal(fx.rig.wired[0], 0xfee01000);
	assert_int_equal(fx.rig.wired_data[0], 0x41);
	set_mem(TABLE + 28, 4, 1);
	assert_int_equal(fx.rig.wired[0], 0);
	set_mem(TABLE + 24, 4, 0x42);
	set_mem(TABLE + 28, 4, 0);
	assert_int_equal(fx.rig.wired_data[0], 0x42);
	set_config(flags, 2, 0xc000);
	assert_int_equal(fx.rig.wired[0], 0);
	set_config(flags, 2, 0x8000);
	assert_int_equal(fx.rig.wired[0], 0xfee01000);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_MSIX, 2, VIRTIO_PCI_NO_VECTOR);
	assert_int_equal(fx.rig.wired[0], 0);
	set_mem(COMMON + VIRTIO_PCI_COMMON_Q_MSIX, 2, 1);
	assert_int_equal(fx.rig.wired[0], 0xfee01000);
	set_mem(COMMON + VIRTIO_PCI_COMMON_STATUS, 1, 0);
	assert_int_equal(fx.rig.wired[0], 0);
}

static void moves(void **state)
{
	bool claimed;

	(void)state;
	start_pci();
	set_config(PCI_CFG_BAR1, 4, 0xd0000000);
	bus_read(&fx.rig.bus, COMMON, 4, &claimed);
	assert_false(claimed);
	assert_int_equal(mem(0xd0000000 + VIRTIO_PCI_COMMON_NUMQ, 2), 1);
	assert_true(fx.rig.live);
	offer();
	set_mem(0xd0003000, 2, 0);
	answered(1);
	/* Where the bridge's window is, there is no room. */
	set_config(PCI_CFG_BAR1, 4, 0xe0000000);
	assert_int_equal(mem(0xe0000000, 4), 0x29c08086);
	set_config(PCI_CFG_COMMAND, 2, 0);
	set_config(PCI_CFG_BAR1, 4, RIG_MEM);
	bus_read(&fx.rig.bus, COMMON, 4, &claimed);
	assert_false(claimed);
	bus_read(&fx.rig.pio, RIG_PORT, 4, &claimed);
	assert_false(claimed);
	set_config(PCI_CFG_COMMAND, 2, 3);
	assert_int_equal(mem(COMMON + VIRTIO_PCI_COMMON_NUMQ, 2), 1);
}

/* virtio 1.2, 4.1.4.9 */
static void by_configuration(void **state)
{
	unsigned int at = capability(9, VIRTIO_PCI_CAP_PCI_CFG);

	(void)state;
	set_config(at + 4, 1, 1);
	set_config(at + 8, 4, VIRTIO_PCI_COMMON_NUMQ);
	set_config(at + 12, 4, 2);
	assert_int_equal(config(at + 16, 2), 1);
	set_config(at + 8, 4, VIRTIO_PCI_COMMON_STATUS);
	set_config(at + 12, 4, 1);
	set_config(at + 16, 1, 3);
	assert_int_equal(mem(COMMON + VIRTIO_PCI_COMMON_STATUS, 1), 3);
	set_config(at + 8, 4, 0xfffffffe); /* outside: nothing happens */
	set_config(at + 16, 1, 0);
	assert_int_equal(mem(COMMON + VIRTIO_PCI_COMMON_STATUS, 1), 3);
}

static void port(unsigned int reg, unsigned int size, uint32_t value)
{
	bus_write(&fx.rig.pio, RIG_PORT + reg, size, value);
}

static uint32_t from_port(unsigned int reg, unsigned int size)
{
	return (uint32_t)bus_read(&fx.rig.pio, RIG_PORT + reg, size, NULL);
}

static void legacy(void **state)
{
	struct virtio_doorbell bell;
	struct vring_used *used = (void *)(fx.rig.ram + 0x3000);
	struct vring_avail *avail = (void *)(fx.rig.ram + 0x2000 + 64 * 16);

	(void)state;
	port(VIRTIO_PCI_STATUS, 1, 0);
	port(VIRTIO_PCI_STATUS, 1, 3);
	assert_int_equal(from_port(VIRTIO_PCI_HOST_FEATURES, 4) >> 27, 7);
	port(VIRTIO_PCI_GUEST_FEATURES, 4, 0);
	port(VIRTIO_PCI_QUEUE_SEL, 2, 1);
	assert_int_equal(from_port(VIRTIO_PCI_QUEUE_NUM, 2), 0);
	port(VIRTIO_PCI_QUEUE_SEL, 2, 0);
	assert_int_equal(from_port(VIRTIO_PCI_QUEUE_NUM, 2), 64);
	port(VIRTIO_PCI_QUEUE_PFN, 4, 2); /* 64 * 16 bytes, ring, next page */
	assert_int_equal(from_port(VIRTIO_PCI_QUEUE_PFN, 4), 2);
	port(VIRTIO_PCI_STATUS, 1, 7);
	assert_int_equal(from_port(VIRTIO_PCI_STATUS, 1), 7);
	assert_true(fx.rng.device.doorbell(fx.rng.device.transport, 0, &bell));
	assert_true(bell.is_port && bell.match);
	assert_int_equal(bell.addr, RIG_PORT + VIRTIO_PCI_QUEUE_NOTIFY);
	memcpy(fx.rig.ram + 0x2000,
	       &(struct vring_desc){ RIG_BUFFER, 8, WRITE, 0 }, 16);
	avail->idx = 1;
	port(VIRTIO_PCI_QUEUE_NOTIFY, 2, 0);
	assert_true(rig_serve(&fx.rig));
	assert_int_equal(used->idx, 1);
	assert_int_equal(fx.rig.level, 1);
	assert_int_equal(from_port(VIRTIO_PCI_ISR, 1), 1);
	assert_int_equal(fx.rig.level, 0);
	/* Page 0 takes the queue away. */
	port(VIRTIO_PCI_QUEUE_PFN, 4, 0);
	port(VIRTIO_PCI_QUEUE_NOTIFY, 2, 0);
	assert_int_equal(fx.rig.kicked, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(identity), T(by_line),          T(by_message),
		T(identity), T(by_line),          T(message_is_wired),
		T(moves),    T(by_configuration), T(legacy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
