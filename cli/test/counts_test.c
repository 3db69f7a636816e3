// SPDX-License-Identifier: Apache-2.0
// Counts of a program, as a guest left them in the window.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/test/render.h"

#define AREA      0x100200000
#define AREA_SIZE DIVE_DELEGATE_JOB

struct area {
	struct gmem mem;
	uint8_t *host;
	struct dive_delegate *head;
	struct dive_count *count;
};

static int setup(void **state)
{
	struct area *a = calloc(1, sizeof(*a));
	struct gmem_region r = { .gpa = AREA, .size = AREA_SIZE };

	r.host = a->host = aligned_alloc(64, AREA_SIZE);
	memset(a->host, 0, AREA_SIZE);
	a->head = (void *)a->host;
	a->count = (void *)(a->host + DIVE_DELEGATE_COUNTS);
	*a->head = (struct dive_delegate){ .magic = DIVE_DELEGATE_MAGIC,
					   .kernel_run = 7,
					   .channels = 256,
					   .call_spins = 5 };
	*state = a;
	return gmem_add(&a->mem, &r, NULL);
}

static int teardown(void **state)
{
	struct area *a = *state;

	free(a->host);
	free(a);
	return 0;
}

/* What dive writes, as diver reads it. */
static struct report told(const struct area *a)
{
	char *text = NULL;
	size_t size = 0;
	struct json j = { .out = open_memstream(&text, &size) };
	struct report r;

	json_open(&j, NULL, '{');
	json_number(&j, "dive_report", REPORT_VERSION);
	json_number(&j, "tsc_khz", 1000);
	counts_json(&j, &a->mem, AREA);
	json_close(&j, '}');
	fclose(j.out);
	assert_int_equal(report_parse(text, size, &r, NULL), 0);
	free(text);
	return r;
}

static void test_good(void **state)
{
	struct area *a = *state;
	struct report r;

	a->count[3] = (struct dive_count){ .how = DIVE_COUNT_SYSCALL,
					   .nr = 72,
					   .command = 3,
					   .policy = 1,
					   .forwarded = 10,
					   .local = 2,
					   .refused = 1,
					   .failed = 4,
					   .channel_cycles = 5000,
					   .linux_cycles = 6000,
					   .local_cycles = 70 };
	a->count[3].channel[17] = 10;
	a->count[3].service[63] = 10;
	a->count[500].how = DIVE_COUNT_FAULT;
	a->count[500].local = 3;
	r = told(a);
	assert_int_equal(r.rows, 2);
	assert_memory_equal(&r.row[0], &a->count[3], sizeof(r.row[0]));
	assert_memory_equal(&r.row[1], &a->count[500], sizeof(r.row[1]));
	assert_int_equal(r.bad, 0);
	assert_int_equal(r.total.call_spins, 5);
	assert_int_equal(r.total.channels, 256);
	report_free(&r);
}

static void test_nobody(void **state)
{
	struct area *a = *state;
	struct report r;

	a->count[0].how = DIVE_COUNT_FAULT;
	a->head->kernel_run = 0;
	r = told(a);
	assert_false(r.has_counts);
	a->head->kernel_run = 1;
	a->head->magic++;
	r = told(a);
	assert_false(r.has_counts);
}

static void test_hostile(void **state)
{
	struct area *a = *state;
	struct dive_count row;
	struct counts c;
	struct report r;

	/* Every number as large as it can be. */
	memset(a->count, 0xff, sizeof(row));
	assert_int_equal(counts_row(&a->mem, AREA, 0, &row), -EINVAL);
	a->count[0].how = DIVE_COUNT_SYSCALL;
	assert_int_equal(counts_row(&a->mem, AREA, 0, &row), -EINVAL);
	a->count[0].policy = 2;
	assert_int_equal(counts_row(&a->mem, AREA, 0, &row), -EINVAL);
	a->count[0].nr = COUNTS_CALLS - 1;
	assert_int_equal(counts_row(&a->mem, AREA, 0, &row), 0);
	assert_true(row.forwarded == COUNTS_MAX);
	assert_true(row.local_cycles == COUNTS_MAX);
	a->count[1] = a->count[0];
	a->count[1].how = DIVE_COUNT_MAP;
	assert_int_equal(counts_row(&a->mem, AREA, 1, &row), 0);
	assert_int_equal(row.nr + row.command, 0);
	a->count[2].how = DIVE_COUNT_MAP + 1;
	assert_int_equal(counts_row(&a->mem, AREA, 2, &row), -EINVAL);
	assert_int_equal(counts_row(&a->mem, AREA, 3, &row), -ENODATA);
	assert_int_equal(counts_row(&a->mem, AREA + AREA_SIZE, 0, &row),
			 -EFAULT);
	memset((uint8_t *)a->head + 4, 0xff, sizeof(*a->head) - 4);
	assert_int_equal(counts_read(&a->mem, AREA, &c), 0);
	assert_true(c.partner_faults == COUNTS_MAX);
	assert_int_equal(c.channels, DIVE_CHANNELS_MAX);
	assert_int_equal(counts_read(&a->mem, AREA - 1, &c), -EFAULT);
	r = told(a);
	assert_int_equal(r.rows, 2);
	assert_int_equal(r.bad, 1);
	render_all(&r, 1);
	report_free(&r);
}

/* All entries the same kind of call: the sum stays in range. */
static void test_same(void **state)
{
	struct area *a = *state;
	struct report r;

	memset(a->count, 0xff, DIVE_COUNTS_MAX * sizeof(a->count[0]));
	for (unsigned int i = 0; i < DIVE_COUNTS_MAX; i++) {
		a->count[i].how = DIVE_COUNT_SYSCALL;
		a->count[i].nr = 39;
		a->count[i].policy = 1;
	}
	r = told(a);
	assert_int_equal(r.rows, 1);
	assert_true(r.row[0].forwarded == COUNTS_MAX);
	render_all(&r, 1);
	report_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same, setup, teardown),
	};

	return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
