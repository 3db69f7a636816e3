// SPDX-License-Identifier: Apache-2.0
// Tests of the ACPI tables: found as a kernel finds them, and consistent.
#include "vmm/acpi.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/board_pc.h"

#define SIZE 0x20000u

struct tables {
	struct gmem mem;
	uint8_t *ram; /* from PC_RSDP */
};

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint8_t sum(const uint8_t *p, size_t size)
{
	uint8_t s = 0;

	while (size--)
		s += *p++;
	return s;
}

static struct tables build(unsigned int cpus)
{
	struct tables t = { .ram = calloc(1, SIZE) };
	struct gmem_region r = { .gpa = PC_RSDP, .size = SIZE, .host = t.ram };
	struct board b = { .cpus = cpus, .rsdp = PC_RSDP };

	assert_non_null(t.ram);
	assert_int_equal(gmem_add(&t.mem, &r, NULL), 0);
	assert_int_equal(acpi_write(&b, &t.mem, NULL), 0);
	return t;
}

static const uint8_t *at(const struct tables *t, uint64_t gpa)
{
	assert_in_range(gpa, PC_RSDP, PC_MPTABLE - 1);
	return t->ram + (gpa - PC_RSDP);
}

/* A table with a header: signature, length and checksum are right. */
static const uint8_t *table(const struct tables *t, uint64_t gpa,
			    const char *signature)
{
	const uint8_t *p = at(t, gpa);

	assert_memory_equal(p, signature, 4);
	assert_in_range(get32(p + 4), 36, ACPI_AREA_SIZE);
	assert_int_equal(sum(p, get32(p + 4)), 0);
	return p;
}

static const uint8_t *find(const struct tables *t, const char *signature)
{
	const uint8_t *xsdt = table(t, get64(t->ram + 24), "XSDT");

	for (uint32_t i = 36; i < get32(xsdt + 4); i += 8)
		if (!memcmp(at(t, get64(xsdt + i)), signature, 4))
			return table(t, get64(xsdt + i), signature);
	fail_msg("no table %s", signature);
	return NULL;
}

static void rsdp_points_to_both_lists(void **state)
{
	struct tables t = build(1);
	const uint8_t *rsdt = table(&t, get32(t.ram + 16), "RSDT");
	const uint8_t *xsdt = table(&t, get64(t.ram + 24), "XSDT");

	(void)state;
	assert_memory_equal(t.ram, "RSD PTR ", 8);
	assert_int_equal(t.ram[15], 2);
	assert_int_equal(sum(t.ram, 20), 0);
	assert_int_equal(sum(t.ram, 36), 0);
	assert_int_equal(get32(t.ram + 20), 36);
	assert_int_equal((get32(rsdt + 4) - 36) / 4, 3);
	assert_int_equal((get32(xsdt + 4) - 36) / 8, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(get32(rsdt + 36 + 4 * i),
				 get64(xsdt + 36 + 8 * i));
	free(t.ram);
}

static void fadt_describes_the_registers(void **state)
{
	struct tables t = build(1);
	const uint8_t *f = find(&t, "FACP");
	const uint8_t *facs = at(&t, get32(f + 36));

	(void)state;
	assert_int_equal(get32(f + 4), 244);
	assert_memory_equal(facs, "FACS", 4);
	assert_int_equal(get32(f + 36) % 64, 0);
	assert_int_equal(get32(facs + 4), 64);
	table(&t, get32(f + 40), "DSDT");
	assert_int_equal(get32(f + 40), get64(f + 140));
	assert_int_equal(f[46], 9);             /* SCI */
	assert_int_equal(get32(f + 56), 0x600); /* PM1 event */
	assert_int_equal(get32(f + 64), 0x604); /* PM1 control */
	assert_int_equal(get32(f + 76), 0x608); /* timer */
	assert_int_equal(f[88], 4);
	assert_int_equal(f[89], 2);
	assert_int_equal(f[91], 4);
	assert_int_equal(f[108], 0x32);         /* century */
	assert_int_equal(f[109], 3);            /* legacy, 8042 */
	assert_true(get32(f + 112) & 1u << 10); /* reset register */
	assert_int_equal(f[116], 1);            /* I/O port */
	assert_int_equal(get64(f + 120), 0xcf9);
	assert_int_equal(f[128], 6);
	assert_int_equal(get64(f + 152), 0x600);
	assert_int_equal(get64(f + 176), 0x604);
	assert_int_equal(get64(f + 212), 0x608);
	free(t.ram);
}

static void madt_lists_every_cpu(void **state)
{
	static const unsigned int counts[] = { 1, 2, BOARD_CPUS_MAX };

	(void)state;
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		struct tables t = build(counts[c]);
		const uint8_t *m = find(&t, "APIC");
		const uint8_t *end = m + get32(m + 4);
		unsigned int seen[5] = { 0 };

		assert_int_equal(get32(m + 36), 0xfee00000);
		for (const uint8_t *p = m + 44; p < end; p += p[1]) {
			assert_in_range(p[0], 0, 4);
			assert_in_range(p[1], 6, 12);
			if (p[0] == 0) {
				assert_int_equal(p[3], seen[0]);
				assert_int_equal(get32(p + 4), 1);
			} else if (p[0] == 1) {
				assert_int_equal(get32(p + 4), 0xfec00000);
			} else if (p[0] == 2 && p[3] == 0) {
				assert_int_equal(get32(p + 4), 2);
			}
			seen[p[0]]++;
			assert_true(p + p[1] <= end);
		}
		assert_int_equal(seen[0], counts[c]);
		assert_int_equal(seen[1], 1);
		assert_int_equal(seen[2], 2);
		assert_int_equal(seen[4], 1);
		free(t.ram);
	}
}

static void mcfg_points_to_ecam(void **state)
{
	struct tables t = build(1);
	const uint8_t *m = find(&t, "MCFG");

	(void)state;
	assert_int_equal(get32(m + 4), 60);
	assert_int_equal(get64(m + 44), 0xe0000000);
	assert_int_equal(m[54], 0);
	assert_int_equal(m[55], 0);
	free(t.ram);
}

/* ACPI 6.5, 20.2.4. */
static size_t package_length(const uint8_t *p)
{
	size_t length = p[0] >> 6 ? p[0] & 0xf : p[0] & 0x3f;

	for (unsigned int i = 0; i < p[0] >> 6; i++)
		length |= (size_t)p[1 + i] << (4 + 8 * i);
	return length;
}

static void dsdt_holds_s5_and_devices(void **state)
{
	static const uint8_t s5[] = { 0x08, '\\', '_', 'S', '5', '_', 0x12 };
	struct tables t = build(1);
	const uint8_t *d = table(&t, get32(find(&t, "FACP") + 40), "DSDT");
	const uint8_t *end = d + get32(d + 4);
	const uint8_t *p = d + 36;

	(void)state;
	assert_memory_equal(p, s5, sizeof(s5));
	p += sizeof(s5);
	p += package_length(p);
	assert_int_equal(*p, 0x10); /* Scope(\_SB) */
	assert_ptr_equal(p + 1 + package_length(p + 1), end);
	for (p += 1 + 3 + 5; p < end; p += 2 + package_length(p + 2)) {
		assert_int_equal(p[0], 0x5b); /* Device */
		assert_int_equal(p[1], 0x82);
	}
	assert_ptr_equal(p, end);
	/* EISA ID of PNP0A03, which every PCI driver looks for. */
	assert_non_null(
		memmem(d, (size_t)(end - d), "\x0c\x41\xd0\x0a\x03", 5));
	free(t.ram);
}

static void needs_memory(void **state)
{
	struct gmem none = { 0 };
	struct board b = { .cpus = 1, .rsdp = PC_RSDP };
	struct err e;

	(void)state;
	assert_int_equal(acpi_write(&b, &none, &e), -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsdp_points_to_both_lists),
		cmocka_unit_test(fadt_describes_the_registers),
		cmocka_unit_test(madt_lists_every_cpu),
		cmocka_unit_test(mcfg_points_to_ecam),
		cmocka_unit_test(dsdt_holds_s5_and_devices),
		cmocka_unit_test(needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
