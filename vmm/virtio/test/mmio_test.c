// SPDX-License-Identifier: Apache-2.0
// Tests of virtio-mmio: what a driver does from reset to its first request.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "vmm/virtio/rng.h"
#include "vmm/virtio/test/rig.h"

#define OK_STATUS                                               \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
	 VIRTIO_CONFIG_S_FEATURES_OK)
#define WRITE VRING_DESC_F_WRITE

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
	rig_attach_mmio(&fx.rig, &fx.rng.device);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(&fx.rig);
	return 0;
}

static uint32_t in(uint64_t reg)
{
	return (uint32_t)bus_read(&fx.rig.bus, RIG_MMIO + reg, 4, NULL);
}

static void out(uint64_t reg, uint32_t value)
{
	bus_write(&fx.rig.bus, RIG_MMIO + reg, 4, value);
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

static void start_mmio(void)
{
	out(VIRTIO_MMIO_STATUS, 0);
	out(VIRTIO_MMIO_STATUS, 1);
	out(VIRTIO_MMIO_STATUS, 3);
	out(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	out(VIRTIO_MMIO_DRIVER_FEATURES, 1);
	out(VIRTIO_MMIO_STATUS, OK_STATUS);
	assert_int_equal(in(VIRTIO_MMIO_STATUS), OK_STATUS);
	out(VIRTIO_MMIO_QUEUE_SEL, 0);
	out(VIRTIO_MMIO_QUEUE_NUM, RIG_SIZE);
	out(VIRTIO_MMIO_QUEUE_DESC_LOW, RIG_DESC);
	out(VIRTIO_MMIO_QUEUE_AVAIL_LOW, RIG_AVAIL);
	out(VIRTIO_MMIO_QUEUE_USED_LOW, RIG_USED);
	out(VIRTIO_MMIO_QUEUE_READY, 1);
	out(VIRTIO_MMIO_STATUS, OK_STATUS | VIRTIO_CONFIG_S_DRIVER_OK);
}

static void identity(void **state)
{
	(void)state;
	assert_int_equal(in(VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
	assert_int_equal(in(VIRTIO_MMIO_VERSION), 2);
	assert_int_equal(in(VIRTIO_MMIO_DEVICE_ID), 4);
	assert_int_equal(in(VIRTIO_MMIO_QUEUE_NUM_MAX), 64);
	out(VIRTIO_MMIO_QUEUE_SEL, 1);
	assert_int_equal(in(VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
	out(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	assert_int_equal(in(VIRTIO_MMIO_DEVICE_FEATURES), 1);
	assert_int_equal(in(VIRTIO_MMIO_SHM_LEN_LOW), UINT32_MAX);
	/* Registers do not answer to odd accesses. */
	assert_int_equal(bus_read(&fx.rig.bus, RIG_MMIO, 1, NULL), 0);
	assert_int_equal(bus_read(&fx.rig.bus, RIG_MMIO + 2, 2, NULL), 0);
}

static void serves(void **state)
{
	(void)state;
	start_mmio();
	assert_true(fx.rig.live);
	offer();
	out(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	answered(1);
	assert_int_equal(fx.rig.level, 1);
	assert_int_equal(in(VIRTIO_MMIO_INTERRUPT_STATUS),
			 VIRTIO_MMIO_INT_VRING);
	out(VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	assert_int_equal(fx.rig.level, 0);
	/* A queue in use does not move. */
	out(VIRTIO_MMIO_QUEUE_USED_LOW, 0x5000);
	out(VIRTIO_MMIO_QUEUE_NUM, 4);
	offer();
	out(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	answered(2);
	out(VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(in(VIRTIO_MMIO_STATUS), 0);
	assert_int_equal(in(VIRTIO_MMIO_QUEUE_READY), 0);
	assert_int_equal(fx.rig.level, 0);
	assert_false(fx.rig.live);
}

static void wrong_features(void **state)
{
	(void)state;
	out(VIRTIO_MMIO_STATUS, 3);
	out(VIRTIO_MMIO_STATUS, OK_STATUS); /* without VERSION_1 */
	assert_int_equal(in(VIRTIO_MMIO_STATUS), 3);
	out(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	out(VIRTIO_MMIO_DRIVER_FEATURES, 3); /* one not offered */
	out(VIRTIO_MMIO_STATUS, OK_STATUS);
	assert_int_equal(in(VIRTIO_MMIO_STATUS), 3);
	/* No features, no work. */
	out(VIRTIO_MMIO_STATUS, 3 | VIRTIO_CONFIG_S_DRIVER_OK);
	assert_int_equal(in(VIRTIO_MMIO_STATUS), 3);
}

static void broken(void **state)
{
	(void)state;
	start_mmio();
	rig_offer(&fx.rig, 99);
	out(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	assert_true(rig_serve(&fx.rig));
	assert_int_equal(fx.rig.troubles, 1);
	assert_true(in(VIRTIO_MMIO_STATUS)&VIRTIO_CONFIG_S_NEEDS_RESET);
	assert_int_equal(in(VIRTIO_MMIO_INTERRUPT_STATUS),
			 VIRTIO_MMIO_INT_CONFIG);
	offer();
	out(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	assert_int_equal(fx.rig.kicked, 0);
	memset(fx.rig.ram, 0, RIG_BUFFER);
	start_mmio();
	offer();
	out(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	answered(1);
	assert_int_equal(fx.rig.troubles, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(identity),
		T(serves),
		T(wrong_features),
		T(broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
