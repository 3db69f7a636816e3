// SPDX-License-Identifier: Apache-2.0
// Tests of the MP table: what xv6 and Kitten read.
#include "vmm/mptable.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/board_pc.h"

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)(p[0] | p[1] << 8);
}

static uint8_t sum(const uint8_t *p, size_t size)
{
	uint8_t s = 0;

	while (size--)
		s += *p++;
	return s;
}

/* Return: memory from PC_MPTABLE. */
static uint8_t *build(unsigned int cpus)
{
	uint8_t *ram = malloc(MPTABLE_AREA_SIZE);
	struct gmem mem = { 0 };
	struct gmem_region r = { .gpa = PC_MPTABLE,
				 .size = MPTABLE_AREA_SIZE,
				 .host = ram };
	struct board b = { .cpus = cpus };

	assert_non_null(ram);
	memset(ram, 0xa5, MPTABLE_AREA_SIZE);
	assert_int_equal(gmem_add(&mem, &r, NULL), 0);
	assert_int_equal(mptable_write(&b, PC_MPTABLE, &mem, NULL), 0);
	return ram;
}

static void pointer_and_header(void **state)
{
	uint8_t *p = build(2);
	const uint8_t *h = p + (get32(p + 4) - PC_MPTABLE);

	(void)state;
	assert_memory_equal(p, "_MP_", 4);
	assert_int_equal(p[8], 1);
	assert_int_equal(p[9], 4);
	assert_int_equal(sum(p, 16), 0);
	assert_int_equal(p[11], 0); /* not a default configuration */
	assert_memory_equal(h, "PCMP", 4);
	assert_int_equal(h[6], 4);
	assert_int_equal(sum(h, get16(h + 4)), 0);
	assert_int_equal(get32(h + 36), 0xfee00000);
	free(p);
}

static void entries(unsigned int cpus)
{
	static const uint8_t size[] = { 20, 8, 8, 8, 8 };
	uint8_t *area = build(cpus);
	const uint8_t *h = area + 16;
	const uint8_t *end = h + get16(h + 4);
	unsigned int seen[5] = { 0 };
	unsigned int irqs = 0;

	for (const uint8_t *p = h + 44; p < end; p += size[p[0]]) {
		assert_in_range(p[0], 0, 4);
		if (p[0] == 0) {
			assert_int_equal(p[1], seen[0]);
			assert_int_equal(p[3], seen[0] ? 1 : 3);
		} else if (p[0] == 1) {
			assert_memory_equal(p + 2, "ISA   ", 6);
		} else if (p[0] == 2) {
			assert_int_equal(p[1], 0);
			assert_int_equal(get32(p + 4), 0xfec00000);
		} else if (p[0] == 3) {
			irqs |= 1u << p[5];
			assert_int_equal(p[7], p[5] ? p[5] : 2);
		}
		seen[p[0]]++;
		assert_true(p + size[p[0]] <= end);
	}
	assert_int_equal(seen[0], cpus);
	assert_int_equal(seen[1], 1);
	assert_int_equal(seen[2], 1);
	assert_int_equal(irqs, 0xfffb);
	assert_int_equal(seen[4], 2);
	assert_int_equal(get16(h + 34),
			 seen[0] + seen[1] + seen[2] + seen[3] + seen[4]);
	free(area);
}

static void lists_everything(void **state)
{
	(void)state;
	entries(1);
	entries(2);
	entries(BOARD_CPUS_MAX);
}

static void needs_memory(void **state)
{
	struct gmem none = { 0 };
	struct board b = { .cpus = 1 };
	struct err e;

	(void)state;
	assert_int_equal(mptable_write(&b, PC_MPTABLE, &none, &e), -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointer_and_header),
		cmocka_unit_test(lists_everything),
		cmocka_unit_test(needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
