// SPDX-License-Identifier: Apache-2.0
// Counting events: what is alike, how long it took, and that nothing grows.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/tally.h"

static struct tally *fresh(void)
{
	struct tally *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	return t;
}

static const struct tally_row *find(const struct tally *t, unsigned int kind,
				    bool write, uint64_t addr)
{
	const struct tally_row *found = NULL;

	for (unsigned int i = 0; i < TALLY_SLOTS; i++) {
		const struct tally_row *row = &t->row[i];

		if (!row->count || row->kind != kind || row->write != write ||
		    row->addr != addr)
			continue;
		assert_null(found); /* one row for what is alike */
		found = row;
	}
	return found;
}

static void test_alike(void **state)
{
	struct tally *t = fresh();
	struct exit_event in = { .kind = EXIT_PIO, .addr = 0x3f8 };
	struct exit_event out = { .kind = EXIT_PIO, .addr = 0x3f8, .write = 1 };
	struct exit_event far = { .kind = EXIT_MMIO, .addr = UINT64_MAX };
	struct exit_event bell = { .kind = EXIT_DOORBELL, .addr = 0x5d0 };
	const struct tally_row *row;

	(void)state;
	tally_add(t, &in, 1, 100);
	tally_add(t, &out, 1, 7);
	tally_add(t, &in, 64, 300);
	tally_add(t, &far, 1, 0);
	tally_add(t, &bell, 1, 5);
	assert_int_equal(t->rows, 3);
	row = find(t, EXIT_PIO, false, 0x3f8);
	assert_non_null(row);
	assert_int_equal(row->count, 2);
	assert_int_equal(row->accesses, 65);
	assert_int_equal(row->total_ns, 400);
	assert_int_equal(row->max_ns, 300);
	row = find(t, EXIT_PIO, true, 0x3f8);
	assert_non_null(row);
	assert_int_equal(row->count, 1);
	assert_non_null(find(t, EXIT_MMIO, false, UINT64_MAX));
	assert_null(find(t, EXIT_DOORBELL, false, 0x5d0));
	assert_int_equal(t->kind[EXIT_PIO].count, 3);
	assert_int_equal(t->kind[EXIT_PIO].total_ns, 407);
	assert_int_equal(t->kind[EXIT_DOORBELL].count, 1);
	free(t);
}

static void test_buckets(void **state)
{
	static const struct {
		uint64_t ns;
		unsigned int bucket;
	} rows[] = {
		{ 0, 0 },     { 1, 0 },           { 2, 1 },
		{ 3, 1 },     { 4, 2 },           { 1023, 9 },
		{ 1024, 10 }, { 1ull << 39, 39 }, { UINT64_MAX, 39 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tally *t = fresh();
		struct exit_event ev = { .kind = EXIT_DOORBELL };

		tally_add(t, &ev, 1, rows[i].ns);
		assert_int_equal(t->kind[EXIT_DOORBELL].bucket[rows[i].bucket],
				 1);
		free(t);
	}
}

static void test_median(void **state)
{
	struct tally *t = fresh();
	struct exit_event ev = { .kind = EXIT_DOORBELL };
	const struct tally_row *row = &t->kind[EXIT_DOORBELL];

	(void)state;
	assert_int_equal(tally_median(row), 0);
	tally_add(t, &ev, 1, 1000);
	/* 512 to 1023, so 768; one of 1000 is in the middle of nothing else. */
	assert_int_equal(tally_median(row), 768);
	tally_add(t, &ev, 1, 5000000);
	assert_int_equal(tally_median(row), 768);
	tally_add(t, &ev, 1, 5000000);
	assert_int_equal(tally_median(row), 5000000); /* not above the max */
	for (unsigned int i = 0; i < 10; i++)
		tally_add(t, &ev, 1, 20);
	assert_int_equal(tally_median(row), 24);
	free(t);
}

/* Whatever addresses come: they have an end, the sums are right. */
static void test_full(void **state)
{
	struct tally *t = fresh();
	uint64_t in_rows = 0;

	(void)state;
	for (uint64_t i = 0; i < 5000; i++) {
		struct exit_event ev = { .kind = EXIT_MMIO, .addr = i << 12 };

		tally_add(t, &ev, 1, 10);
	}
	assert_int_equal(t->rows, TALLY_ROWS);
	for (unsigned int i = 0; i < TALLY_SLOTS; i++)
		in_rows += t->row[i].count;
	assert_int_equal(in_rows, TALLY_ROWS);
	assert_int_equal(t->kind[EXIT_MMIO].count, 5000);
	/* Those that have a row are still found in it. */
	for (uint64_t i = 0; i < TALLY_ROWS; i++) {
		struct exit_event ev = { .kind = EXIT_MMIO, .addr = i << 12 };

		tally_add(t, &ev, 1, 10);
		assert_int_equal(find(t, EXIT_MMIO, false, i << 12)->count, 2);
	}
	free(t);
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned int k = 0; k < EVENT_KINDS; k++) {
		assert_non_null(event_name(k));
		assert_null(strchr(event_name(k), ' '));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike),  cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_median), cmocka_unit_test(test_full),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
