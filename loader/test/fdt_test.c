// SPDX-License-Identifier: Apache-2.0
// The device tree, read back with libfdt and compared with what it describes.
#include "loader/fdt.h"

#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contract/dive/control.h"
#include "contract/dive/ring.h"
#include "contract/stub/stub.h"

#define BASE 0x60000000ull

static struct board board;
static struct load_request req;
static struct contract_area area;
static struct fdt_extra extra;
static struct err e;
/* Something behind it, so that a sanitizer sees one byte too many. */
static uint8_t *tree;

static int setup(void **state)
{
	(void)state;
	board = (struct board){
		.mode = "fullvm",
		.cpus = 3,
		.range = { { BASE, 16 << 20, RANGE_RAM },
			   { 0xfec00000, 0x1400000, RANGE_RESERVED },
			   { 1ull << 32, 1ull << 33, RANGE_RAM } },
		.ranges = 3,
		.tsc_khz = 0x123456789abc,
		.lapic_hz = 1000000000,
		.doorbell_port = 0x5d0,
		.ring_size = 65536,
	};
	req = (struct load_request){ .board = &board, .cmdline = "a b  c" };
	extra = (struct fdt_extra){
		.image = { BASE + 0x200000, 0x6000, RANGE_RESERVED },
		.initrd = { BASE + 0x800000, 1234, RANGE_RESERVED },
	};
	tree = malloc(FDT_SIZE_MAX);
	return tree ? contract_plan(&board, &area, &e) : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(tree);
	return 0;
}

static void write_tree(void)
{
	memset(tree, 0xee, FDT_SIZE_MAX);
	assert_int_equal(fdt_write(&req, &area, &extra, tree, &e), 0);
	assert_int_equal(fdt_check_full(tree, FDT_SIZE_MAX), 0);
	assert_int_equal(fdt_version(tree), 17);
}

/* Path of a node; a missing one fails. */
__attribute__((format(printf, 1, 2))) static int node(const char *format, ...)
{
	char path[96];
	va_list args;
	int at;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	at = fdt_path_offset(tree, path);
	if (at < 0)
		fail_msg("no node %s", path);
	return at;
}

static const void *property(int at, const char *name, int size)
{
	int length;
	const void *value = fdt_getprop(tree, at, name, &length);

	if (!value)
		fail_msg("no property %s", name);
	assert_int_equal(length, size);
	return value;
}

static void assert_string(int at, const char *name, const char *value)
{
	assert_string_equal(property(at, name, (int)strlen(value) + 1), value);
}

static void assert_u32(int at, const char *name, uint32_t value)
{
	assert_int_equal(fdt32_ld(property(at, name, 4)), value);
}

static void assert_u64(int at, const char *name, uint64_t value)
{
	assert_int_equal(fdt64_ld(property(at, name, 8)), value);
}

static void assert_reg(int at, uint64_t start, uint64_t size)
{
	const fdt64_t *reg = property(at, "reg", 16);

	assert_int_equal(fdt64_ld(&reg[0]), start);
	assert_int_equal(fdt64_ld(&reg[1]), size);
}

static int children(int at)
{
	int count = 0, child;

	fdt_for_each_subnode(child, tree, at) count++;
	return count;
}

static void test_root_and_chosen(void **state)
{
	int at;

	(void)state;
	write_tree();
	at = node("/");
	assert_string(at, "compatible", "diver,contract-v0");
	assert_u32(at, "#address-cells", 2);
	assert_u32(at, "#size-cells", 2);
	assert_int_equal(children(at), 6);
	at = node("/chosen");
	assert_string(at, "bootargs", "a b  c");
	assert_u64(at, "linux,initrd-start", extra.initrd.gpa);
	assert_u64(at, "linux,initrd-end", extra.initrd.gpa + 1234);
	assert_string(at, "diver,mode", "fullvm");
	assert_u64(at, "diver,tsc-khz", board.tsc_khz);
	assert_u64(at, "diver,lapic-hz", board.lapic_hz);
	assert_string(at, "diver,apic-mode", "xapic");
	board.x2apic = true;
	board.mode = "pisces";
	extra.initrd.size = 0;
	req.cmdline = "";
	write_tree();
	at = node("/chosen");
	assert_string(at, "diver,apic-mode", "x2apic");
	assert_string(at, "diver,mode", "pisces");
	assert_string(at, "bootargs", "");
	assert_null(fdt_getprop(tree, at, "linux,initrd-start", NULL));
	assert_null(fdt_getprop(tree, at, "linux,initrd-end", NULL));
}

static void test_memory(void **state)
{
	(void)state;
	write_tree();
	assert_string(node("/memory@60000000"), "device_type", "memory");
	assert_reg(node("/memory@60000000"), BASE, 16 << 20);
	assert_reg(node("/memory@100000000"), 1ull << 32, 1ull << 33);
	/* What is no RAM is no memory node: 6 children of the root, see above. */
	assert_true(fdt_path_offset(tree, "/memory@fec00000") < 0);
}

static void test_cpus(void **state)
{
	(void)state;
	for (board.cpus = 1; board.cpus <= BOARD_CPUS_MAX; board.cpus += 21) {
		int at;

		assert_int_equal(contract_plan(&board, &area, &e), 0);
		write_tree();
		at = node("/cpus");
		assert_u32(at, "#address-cells", 1);
		assert_u32(at, "#size-cells", 0);
		assert_int_equal(children(at), board.cpus);
		for (unsigned int i = 0; i < board.cpus; i++) {
			gpa_t page =
				area.cpu_pages + i * (uint64_t)CPU_PAGE_SIZE;

			at = node("/cpus/cpu@%x", i);
			assert_string(at, "device_type", "cpu");
			assert_u32(at, "reg", i);
			assert_string(at, "enable-method", "diver,mailbox");
			assert_u64(at, "diver,mailbox",
				   page + CPU_PAGE_MAILBOX);
			assert_u64(at, "diver,crash", page + CPU_PAGE_CRASH);
		}
	}
	assert_int_equal(board.cpus, BOARD_CPUS_MAX + 21);
}

static void test_reserved(void **state)
{
	uint64_t behind = area.tables + area.tables_size;
	int at;

	(void)state;
	write_tree();
	at = node("/reserved-memory");
	assert_u32(at, "#address-cells", 2);
	assert_u32(at, "#size-cells", 2);
	property(at, "ranges", 0);
	assert_int_equal(children(at), 5);
	assert_reg(node("/reserved-memory/image@60200000"), extra.image.gpa,
		   extra.image.size);
	assert_reg(node("/reserved-memory/initrd@60800000"), extra.initrd.gpa,
		   extra.initrd.size);
	/* All of the area, the tables in the middle marked. */
	assert_reg(node("/reserved-memory/diver@%" PRIx64, area.gpa), area.gpa,
		   area.tables - area.gpa);
	at = node("/reserved-memory/reclaimable@%" PRIx64, area.tables);
	assert_reg(at, area.tables, area.tables_size);
	property(at, "diver,reclaimable", 0);
	assert_reg(node("/reserved-memory/diver@%" PRIx64, behind), behind,
		   area.gpa + area.size - behind);
	extra.initrd.size = 0;
	write_tree();
	assert_int_equal(children(node("/reserved-memory")), 4);
}

static void test_diver(void **state)
{
	static const struct {
		enum contract_ring ring;
		const char *label, *role;
	} rows[] = {
		{ CONTRACT_CONSOLE, "console", "producer" },
		{ CONTRACT_STDIN, "stdin", "consumer" },
		{ CONTRACT_STDOUT, "stdout", "producer" },
	};
	int at, bell;

	(void)state;
	write_tree();
	assert_int_equal(children(node("/diver")), 5);
	bell = node("/diver/doorbell");
	assert_string(bell, "compatible", "diver,doorbell");
	assert_string(bell, "diver,kind", "pio");
	assert_u32(bell, "diver,port", 0x5d0);
	assert_reg(node("/diver/control@%" PRIx64, area.control), area.control,
		   DIVE_CONTROL_SIZE);
	for (unsigned int i = 0; i < CONTRACT_RINGS; i++) {
		gpa_t ring = area.ring[rows[i].ring];

		at = node("/diver/ring@%" PRIx64, ring);
		assert_reg(at, ring, DIVE_RING_HEADER + 65536);
		assert_string(at, "label", rows[i].label);
		assert_string(at, "diver,role", rows[i].role);
		assert_u32(at, "diver,doorbell", fdt_get_phandle(tree, bell));
	}
	board.doorbell_port = 0;
	write_tree();
	bell = node("/diver/doorbell");
	assert_string(bell, "diver,kind", "poll");
	assert_null(fdt_getprop(tree, bell, "diver,port", NULL));
}

/* The longest command line that fits, and one byte more. */
static void test_long_command_line(void **state)
{
	char *line = malloc(FDT_SIZE_MAX + 1);
	size_t fits = 0, refused = FDT_SIZE_MAX;

	(void)state;
	assert_non_null(line);
	board.cpus = BOARD_CPUS_MAX;
	assert_int_equal(contract_plan(&board, &area, &e), 0);
	memset(line, 'x', FDT_SIZE_MAX);
	line[FDT_SIZE_MAX] = '\0';
	req.cmdline = line;
	assert_int_equal(fdt_write(&req, &area, &extra, tree, &e), -ENOEXEC);
	assert_non_null(strstr(e.msg, "shorten the kernel's arguments"));
	while (refused - fits > 1) {
		size_t n = (fits + refused) / 2;

		line[n] = '\0';
		if (fdt_write(&req, &area, &extra, tree, &e) == 0)
			fits = n;
		else
			refused = n;
		line[n] = 'x';
	}
	/* 64 CPUs take less than a quarter of the tree. */
	assert_in_range(fits, FDT_SIZE_MAX - FDT_SIZE_MAX / 4, FDT_SIZE_MAX);
	line[fits] = '\0';
	write_tree();
	assert_string(node("/chosen"), "bootargs", line);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_root_and_chosen),
		T(test_memory),
		T(test_cpus),
		T(test_reserved),
		T(test_diver),
		T(test_long_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
