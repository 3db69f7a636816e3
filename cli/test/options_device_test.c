// SPDX-License-Identifier: Apache-2.0
// Disks, networks and other devices on the command line.
#include "cli/test/line.h"

static void test_disks(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--disk a --disk b:ro --disk :ro k"), 0);
	assert_int_equal(l.o.run.disks, 3);
	assert_string_equal(l.o.run.disk[0].path, "a");
	assert_false(l.o.run.disk[0].readonly);
	assert_string_equal(l.o.run.disk[1].path, "b");
	assert_true(l.o.run.disk[1].readonly);
	assert_string_equal(l.o.run.disk[2].path, ":ro");
	assert_false(l.o.run.rng || l.o.run.virtio_mmio);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--disk n:a:ro --disk ./n:a k"), 0);
	assert_int_equal(l.o.run.disk[0].name.size, 1);
	assert_string_equal(l.o.run.disk[0].path, "a");
	assert_true(l.o.run.disk[0].readonly);
	assert_int_equal(l.o.run.disk[1].name.size, 0);
	assert_string_equal(l.o.run.disk[1].path, "./n:a");
	options_free(&l.o);
	refuse("--disk= k", "--disk: the name of the file is empty");
	refuse("--disk a --disk a --disk a --disk a --disk a --disk a "
	       "--disk a --disk a --disk a k",
	       "--disk: more than 8 disks");
}

static void test_network(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--net user,hostfwd=tcp::8080-:80 k"), 0);
	assert_string_equal(l.o.run.net[0].spec, "user,hostfwd=tcp::8080-:80");
	options_free(&l.o);
	refuse("--net usr k",
	       "--net: there is no network 'usr'; write user, tap=NAME or fd=N");
	assert_int_equal(parse(&l, "--net web:tap=t0 --net fd=3 k"), 0);
	assert_int_equal(l.o.run.nets, 2);
	assert_int_equal(l.o.run.net[0].name.size, 3);
	assert_string_equal(l.o.run.net[0].spec, "tap=t0");
	assert_string_equal(l.o.run.net[1].spec, "fd=3");
	options_free(&l.o);
	refuse("--net fd=1 --net fd=1 --net fd=1 --net fd=1 --net fd=1 "
	       "--net fd=1 --net fd=1 --net fd=1 --net fd=1 k",
	       "--net: more than 8 networks");
}

static void test_transport(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--rng --virtio mmio k"), 0);
	assert_true(l.o.run.rng && l.o.run.virtio_mmio);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--virtio pci k"), 0);
	assert_false(l.o.run.virtio_mmio);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--virtio-console k"), 0);
	assert_true(l.o.run.virtio_console);
	options_free(&l.o);
	refuse("--virtio usb k", "--virtio: it is pci or mmio, not 'usb'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_transport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
