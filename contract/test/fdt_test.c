// SPDX-License-Identifier: ISC
// Unit tests of the guest library's device tree reader, on trees of libfdt.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

/* Guest code is in no host library. NOLINTBEGIN(bugprone-suspicious-include) */
#include "contract/guest/boot_fdt.c"
#include "contract/guest/fdt.c"
/* NOLINTEND(bugprone-suspicious-include) */

#define SIZE 8192

static int text(void *fdt, const char *name, const char *value)
{
	return fdt_property(fdt, name, value, (int)strlen(value) + 1);
}

static int reg(void *fdt, uint64_t start, uint64_t size)
{
	fdt64_t cells[2] = { cpu_to_fdt64(start), cpu_to_fdt64(size) };

	return fdt_property(fdt, "reg", cells, sizeof(cells));
}

static int leaf(void *fdt, const char *name, uint64_t start, uint64_t size)
{
	int rc = fdt_begin_node(fdt, name);

	rc |= reg(fdt, start, size);
	return rc | fdt_end_node(fdt);
}

static int put_chosen(void *fdt)
{
	int rc = fdt_begin_node(fdt, "chosen");

	rc |= text(fdt, "bootargs", "one two");
	rc |= fdt_property_u64(fdt, "linux,initrd-start", 0x700000);
	rc |= fdt_property_u64(fdt, "linux,initrd-end", 0x700123);
	rc |= text(fdt, "diver,mode", "pisces");
	rc |= fdt_property_u64(fdt, "diver,tsc-khz", 2500000);
	rc |= fdt_property_u64(fdt, "diver,lapic-hz", 0x123456789a);
	rc |= text(fdt, "diver,apic-mode", "x2apic");
	rc |= text(fdt, "diver,unknown", "ignore me");
	return rc | fdt_end_node(fdt);
}

static int put_cpus(void *fdt, uint32_t count)
{
	int rc = fdt_begin_node(fdt, "cpus");

	for (uint32_t i = 0; i < count; i++) {
		rc |= fdt_begin_node(fdt, "cpu@x");
		rc |= fdt_property_u32(fdt, "reg", i * 2);
		rc |= fdt_property_u64(fdt, "diver,mailbox", 0x801200 + i);
		rc |= fdt_property_u64(fdt, "diver,crash", 0x801000 + i);
		rc |= fdt_end_node(fdt);
	}
	return rc | fdt_end_node(fdt);
}

static int put_diver(void *fdt)
{
	int rc = fdt_begin_node(fdt, "diver");

	rc |= fdt_begin_node(fdt, "doorbell");
	rc |= text(fdt, "diver,kind", "ipi");
	rc |= fdt_property_u32(fdt, "diver,apicid", 9);
	rc |= fdt_property_u32(fdt, "diver,vector", 0x55);
	rc |= fdt_end_node(fdt);
	rc |= leaf(fdt, "control@800000", 0x800000, 4096);
	for (uint64_t i = 0; i < RINGS; i++) {
		static const char *const labels[] = { "stdout", "console",
						      "stdin" };

		rc |= fdt_begin_node(fdt, "ring@x");
		rc |= reg(fdt, 0x900000 + i * 0x10000, 8192);
		rc |= text(fdt, "label", labels[i]);
		rc |= fdt_end_node(fdt);
	}
	return rc | fdt_end_node(fdt);
}

static int setup(void **state)
{
	char *fdt = calloc(1, SIZE);
	int rc;

	if (!fdt)
		return -1;
	rc = fdt_create(fdt, SIZE);
	rc |= fdt_finish_reservemap(fdt);
	rc |= fdt_begin_node(fdt, "");
	rc |= put_chosen(fdt);
	rc |= leaf(fdt, "memory@0", 0, 0x10000000);
	rc |= leaf(fdt, "memory@60000000", 0x60000000, 0x4000000);
	rc |= put_cpus(fdt, 3);
	rc |= fdt_begin_node(fdt, "reserved-memory");
	rc |= leaf(fdt, "image@200000", 0x200000, 0x14000);
	rc |= leaf(fdt, "diver@800000", 0x800000, 0x200000);
	rc |= fdt_end_node(fdt);
	rc |= put_diver(fdt);
	rc |= fdt_end_node(fdt);
	rc |= fdt_finish(fdt);
	*state = fdt;
	return rc ? -1 : 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void reads_all(void **state)
{
	struct dive_links links = { 0 };
	struct dive_boot *boot = calloc(1, sizeof(*boot));

	assert_non_null(boot);
	assert_null(dive_boot_from_fdt(*state, SIZE, boot, &links));
	assert_string_equal(boot->args, "one two");
	assert_string_equal(boot->mode, "pisces");
	assert_int_equal(boot->initrd.start, 0x700000);
	assert_int_equal(boot->initrd.size, 0x123);
	assert_int_equal(boot->tsc_khz, 2500000);
	assert_int_equal(boot->lapic_hz, 0x123456789a);
	assert_int_equal(boot->memory_count, 2);
	assert_int_equal(boot->memory[1].start, 0x60000000);
	assert_int_equal(boot->cpu_count, 3);
	assert_int_equal(boot->cpu[2].apicid, 4);
	assert_int_equal(boot->cpu[2].mailbox, 0x801202);
	assert_int_equal(boot->cpu[2].crash, 0x801002);
	assert_true(links.x2apic);
	assert_int_equal(links.doorbell, DOORBELL_IPI);
	assert_int_equal(links.apicid, 9);
	assert_int_equal(links.vector, 0x55);
	assert_int_equal(links.control, 0x800000);
	assert_int_equal(links.ring[RING_STDOUT].start, 0x900000);
	assert_int_equal(links.ring[RING_STDIN].start, 0x920000);
	free(boot);
}

static void finds_free_memory(void **state)
{
	static const struct dive_range want[] = {
		{ 0x1000, 0x1ff000 },
		{ 0x214000, 0x5ec000 },
		{ 0xa00000, 0xf600000 },
		{ 0x60000000, 0x4000000 },
	};
	struct dive_links links = { 0 };
	struct dive_boot *boot = calloc(1, sizeof(*boot));
	uint64_t total = 0;

	assert_non_null(boot);
	assert_null(dive_boot_from_fdt(*state, SIZE, boot, &links));
	dive_boot_find_free(boot);
	assert_int_equal(boot->free_count, 4);
	for (uint32_t i = 0; i < 4; i++) {
		bool found = false;

		for (uint32_t j = 0; j < 4; j++)
			found = found || !memcmp(&want[i], &boot->free[j],
						 sizeof(want[i]));
		assert_true(found);
		total += boot->free[i].size;
	}
	assert_int_equal(total, 0x14000000 - 4096 - 0x14000 - 0x200000);
	free(boot);
}

/* Cut off anywhere, or with any one byte changed: an error or a tree. */
static void survives_damage(void **state)
{
	uint32_t total = fdt_totalsize(*state);
	struct dive_boot *boot = malloc(sizeof(*boot));
	struct dive_links links;

	assert_non_null(boot);
	for (uint32_t size = 0; size < total; size++) {
		char *cut = malloc(size + 1);

		assert_non_null(cut);
		memcpy(cut, *state, size);
		memset(boot, 0, sizeof(*boot));
		assert_non_null(dive_boot_from_fdt(cut, size, boot, &links));
		free(cut);
	}
	for (uint32_t at = 0; at < total; at++) {
		uint8_t *byte = (uint8_t *)*state + at;
		uint8_t before = *byte;

		for (int change = 1; change < 256; change += 37) {
			memset(boot, 0, sizeof(*boot));
			*byte = (uint8_t)(before + change);
			(void)dive_boot_from_fdt(*state, SIZE, boot, &links);
		}
		*byte = before;
	}
	free(boot);
}

static void refuses_depth(void **state)
{
	struct dive_fdt fdt;
	struct dive_fdt_item item;
	char deep[512];
	int rc;

	(void)state;
	rc = fdt_create(deep, sizeof(deep));
	rc |= fdt_finish_reservemap(deep);
	for (int i = 0; i < DIVE_FDT_DEPTH_MAX + 1; i++)
		rc |= fdt_begin_node(deep, "n");
	for (int i = 0; i < DIVE_FDT_DEPTH_MAX + 1; i++)
		rc |= fdt_end_node(deep);
	rc |= fdt_finish(deep);
	assert_int_equal(rc, 0);
	assert_true(dive_fdt_open(&fdt, deep, sizeof(deep)));
	for (int i = 0; i < DIVE_FDT_DEPTH_MAX; i++)
		assert_int_equal(dive_fdt_next(&fdt).type, DIVE_FDT_NODE);
	item = dive_fdt_next(&fdt);
	assert_int_equal(item.type, DIVE_FDT_BAD);
	assert_int_equal(dive_fdt_next(&fdt).type, DIVE_FDT_BAD);
}

static void names(void **state)
{
	(void)state;
	assert_true(dive_fdt_is("memory", "memory"));
	assert_true(dive_fdt_is("memory@0", "memory"));
	assert_false(dive_fdt_is("memoryx", "memory"));
	assert_false(dive_fdt_is("mem", "memory"));
	assert_false(dive_fdt_is("", "memory"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_all),         TEST(finds_free_memory),
		TEST(survives_damage),   cmocka_unit_test(refuses_depth),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
