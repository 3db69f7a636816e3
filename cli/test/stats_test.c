// SPDX-License-Identifier: Apache-2.0
// Statistics: medians, spreads, tables, and the picture of --timing.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "cli/stats.h"
#include "cli/timing.h"

static char *text;
static size_t size;

static FILE *begin(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &size);
}

static void summary_of(const uint64_t *values, unsigned int n,
		       struct summary *ret)
{
	struct stats s;

	stats_init(&s, n);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(stats_add(&s, "x", "", values[i], NULL), 0);
	stats_summary(&s.metric[0], ret);
	stats_free(&s);
}

static void test_summary(void **state)
{
	static const uint64_t odd[] = { 9, 1, 5 };
	static const uint64_t even[] = { 10, 1, 4, 5 };
	static const uint64_t large[] = { UINT64_MAX, UINT64_MAX };
	uint64_t hundred[101];
	struct summary sum;

	(void)state;
	summary_of(odd, 3, &sum);
	assert_true(sum.median == 5 && sum.min == 1 && sum.spread == 8);
	summary_of(even, 4, &sum);
	assert_true(sum.median == 4 && sum.min == 1 && sum.spread == 9);
	summary_of(odd, 1, &sum);
	assert_true(sum.median == 9 && sum.min == 9 && sum.spread == 0);
	summary_of(large, 2, &sum);
	assert_true(sum.median == UINT64_MAX);
	for (unsigned int i = 0; i < 101; i++)
		hundred[i] = 100 - i;
	summary_of(hundred, 101, &sum);
	assert_true(sum.median == 50 && sum.min == 0 && sum.spread == 80);
}

static void test_limits(void **state)
{
	struct stats s;
	char name[16];

	(void)state;
	stats_init(&s, 1);
	for (unsigned int i = 0; i < STATS_METRICS_MAX; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		assert_int_equal(stats_add(&s, name, "", i, NULL), 0);
	}
	assert_int_equal(stats_add(&s, "more", "", 1, NULL), -ENOSPC);
	assert_int_equal(stats_add(&s, "m0", "", 1, NULL), -ENOSPC);
	stats_free(&s);
}

static void test_tables(void **state)
{
	struct json j;
	struct stats s;
	FILE *out;

	(void)state;
	stats_init(&s, 2);
	assert_int_equal(stats_add(&s, "total", "ns", 1234567, NULL), 0);
	assert_int_equal(stats_add(&s, "exits pio", "", 0, NULL), 0);
	out = begin();
	stats_print(&s, out, 0);
	fclose(out);
	assert_string_equal(text, "name\tunit\tmedian\tmin\tspread\tn\n"
				  "total\tns\t1234567\t1234567\t0\t1\n"
				  "exits pio\t\t0\t0\t0\t1\n");
	out = begin();
	stats_print(&s, out, 1);
	fclose(out);
	assert_non_null(strstr(text, "1.234"));
	assert_null(strstr(text, "pio")); /* never came */
	out = begin();
	j = (struct json){ .out = out };
	stats_json(&s, &j);
	fclose(out);
	assert_non_null(strstr(text, "\"metrics\":[{\"name\":\"total\","
				     "\"unit\":\"ns\",\"median\":1234567,"));
	stats_free(&s);
}

static void test_timing(void **state)
{
	struct exit_report r = { 0 };
	FILE *out = begin();

	(void)state;
	timing_print(out, &r, true); /* nothing was reached */
	fclose(out);
	assert_string_equal(text, "");
	for (unsigned int p = 0; p < RUN_PHASES; p++)
		r.phase_ns[p] = 1000000 * (p + 1);
	r.phase_ns[PHASE_OUTPUT] = 0; /* there was none */
	r.mark_ns[2] = 4000000;
	r.exits[EXIT_PIO] = 3;
	out = begin();
	timing_print(out, &r, false);
	fclose(out);
	assert_string_equal(text, "image\tns\t1000000\nvm\tns\t1000000\n"
				  "loaded\tns\t1000000\ncpus\tns\t1000000\n"
				  "stopped\tns\t2000000\nflushed\tns\t1000000\n"
				  "total\tns\t7000000\nmark 2\tns\t3000000\n"
				  "exits pio\t\t3\nexits mmio\t\t0\n"
				  "exits doorbell\t\t0\nexits msr\t\t0\n"
				  "exits interrupted\t\t0\n"
				  "exits other\t\t0\n");
	out = begin();
	timing_print(out, &r, true);
	fclose(out);
	assert_non_null(strstr(text, "dive: 7.000 ms\n"));
	assert_non_null(strstr(text, "  exits: 3 pio\n"));
	assert_non_null(strstr(text, "^"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_timing),
	};
	int failed = cmocka_run_group_tests_name("stats", tests, NULL, NULL);

	free(text);
	return failed;
}
