// SPDX-License-Identifier: Apache-2.0
// Tests of the bus: who answers, and what odd accesses become.
#include "vmm/bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct fake {
	unsigned int reads;
	unsigned int writes;
	uint64_t offset;
	unsigned int size;
	uint64_t value;
};

static uint64_t fake_read(void *dev, uint64_t offset, unsigned int size)
{
	struct fake *f = dev;

	f->reads++;
	f->offset = offset;
	f->size = size;
	return 0x1122334455667700 + offset;
}

static void fake_write(void *dev, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	struct fake *f = dev;

	f->writes++;
	f->offset = offset;
	f->size = size;
	f->value = value;
}

static const struct bus_ops wide = { fake_read, fake_write, 0 };
static const struct bus_ops narrow = { fake_read, fake_write, 1 };
static const struct bus_ops quiet = { NULL, NULL, 0 };

static void add(struct bus *bus, uint64_t base, uint64_t size,
		const struct bus_ops *ops, struct fake *f)
{
	bus_add(bus, &(struct bus_range){ "fake", base, size, ops, f });
}

static void finds_each_of_many(void **state)
{
	struct bus bus = { 0 };
	struct fake f[BUS_RANGES_MAX] = { 0 };
	bool claimed;

	(void)state;
	/* Out of order, gaps of 8 between windows of 8. */
	for (unsigned int i = 0; i < BUS_RANGES_MAX; i++) {
		unsigned int j = (i * 13) % BUS_RANGES_MAX;

		add(&bus, 0x100 + 16 * j, 8, &wide, &f[j]);
	}
	for (unsigned int i = 0; i < BUS_RANGES_MAX; i++) {
		bus_read(&bus, 0x100 + 16 * i + 7, 1, &claimed);
		assert_true(claimed);
		assert_int_equal(f[i].reads, 1);
		assert_int_equal(f[i].offset, 7);
		assert_int_equal(bus_read(&bus, 0x100 + 16 * i + 8, 1, NULL),
				 0xff);
		assert_int_equal(bus_read(&bus, 0x100 + 16 * i - 1, 1, NULL),
				 0xff);
		assert_int_equal(f[i].reads, 1);
	}
	assert_int_equal(bus.unclaimed, 2 * BUS_RANGES_MAX);
}

static void nobody_reads_all_ones(void **state)
{
	struct bus bus = { 0 };
	bool claimed = true;

	(void)state;
	assert_int_equal(bus_read(&bus, 0, 1, &claimed), 0xff);
	assert_false(claimed);
	assert_int_equal(bus_read(&bus, 5, 2, NULL), 0xffff);
	assert_int_equal(bus_read(&bus, 5, 4, NULL), 0xffffffff);
	assert_true(bus_read(&bus, UINT64_MAX, 8, NULL) == UINT64_MAX);
	assert_false(bus_write(&bus, 0x80, 4, 1));
	assert_int_equal(bus.unclaimed, 5);
}

static void values_have_the_size_of_the_access(void **state)
{
	struct bus bus = { 0 };
	struct fake f = { 0 };

	(void)state;
	add(&bus, 0x10, 8, &wide, &f);
	assert_int_equal(bus_read(&bus, 0x10, 2, NULL), 0x7700);
	assert_true(bus_write(&bus, 0x12, 2, 0xabcd1234));
	assert_int_equal(f.value, 0x1234);
	assert_int_equal(f.offset, 2);
	assert_true(bus_read(&bus, 0x10, 8, NULL) == 0x1122334455667700);
}

static void wide_access_to_a_narrow_device(void **state)
{
	struct bus bus = { 0 };
	struct fake f = { 0 };
	bool claimed;

	(void)state;
	add(&bus, 0x70, 2, &narrow, &f);
	assert_int_equal(bus_read(&bus, 0x70, 2, &claimed), 0x0100);
	assert_true(claimed);
	assert_int_equal(f.reads, 2);
	assert_true(bus_write(&bus, 0x70, 2, 0xbeef));
	assert_int_equal(f.writes, 2);
	assert_int_equal(f.offset, 1);
	assert_int_equal(f.value, 0xbe);
	assert_int_equal(f.size, 1);
}

static void straddling_is_split(void **state)
{
	struct bus bus = { 0 };
	struct fake low = { 0 };
	struct fake high = { 0 };
	bool claimed = true;

	(void)state;
	add(&bus, 0x10, 2, &wide, &low);
	add(&bus, 0x13, 1, &wide, &high);
	assert_int_equal(bus_read(&bus, 0x10, 4, &claimed), 0x00ff0100);
	assert_false(claimed);
	assert_int_equal(low.reads, 2);
	assert_int_equal(high.reads, 1);
	assert_int_equal(bus.unclaimed, 1);
	assert_false(bus_write(&bus, 0x0f, 2, 0x55aa));
	assert_int_equal(low.value, 0x55);
	assert_int_equal(low.offset, 0);
}

/* What KVM makes of an access that crosses a page. */
static void odd_sizes_are_split(void **state)
{
	struct bus bus = { 0 };
	struct fake f = { 0 };
	bool claimed = true;

	(void)state;
	add(&bus, 0x10, 8, &wide, &f);
	assert_int_equal(bus_read(&bus, 0x10, 3, &claimed), 0x020100);
	assert_true(claimed);
	assert_int_equal(f.reads, 3);
	assert_int_equal(f.size, 1);
	assert_true(bus_write(&bus, 0x11, 7, 0x77000000000000));
	assert_int_equal(f.writes, 7);
	assert_int_equal(f.value, 0x77);
	assert_int_equal(f.offset, 7);
	assert_int_equal(bus_read(&bus, 0x20, 5, &claimed), 0xffffffffff);
	assert_false(claimed);
}

static void no_wrap_at_the_end(void **state)
{
	struct bus bus = { 0 };
	struct fake first = { 0 };
	struct fake last = { 0 };

	(void)state;
	add(&bus, 0, 4, &wide, &first);
	add(&bus, UINT64_MAX, 1, &wide, &last);
	assert_int_equal(bus_read(&bus, UINT64_MAX, 4, NULL), 0xffffff00);
	assert_false(bus_write(&bus, UINT64_MAX, 2, 0));
	assert_int_equal(last.reads, 1);
	assert_int_equal(last.writes, 1);
	assert_int_equal(first.reads + first.writes, 0);
}

static void quiet_windows_are_claimed(void **state)
{
	struct bus bus = { 0 };
	bool claimed = false;

	(void)state;
	add(&bus, 0x80, 1, &quiet, NULL);
	assert_int_equal(bus_read(&bus, 0x80, 1, &claimed), 0xff);
	assert_true(claimed);
	assert_true(bus_write(&bus, 0x80, 1, 3));
	assert_int_equal(bus.unclaimed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_of_many),
		cmocka_unit_test(nobody_reads_all_ones),
		cmocka_unit_test(values_have_the_size_of_the_access),
		cmocka_unit_test(wide_access_to_a_narrow_device),
		cmocka_unit_test(straddling_is_split),
		cmocka_unit_test(odd_sizes_are_split),
		cmocka_unit_test(no_wrap_at_the_end),
		cmocka_unit_test(quiet_windows_are_claimed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
