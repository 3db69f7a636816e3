// SPDX-License-Identifier: Apache-2.0
// Unit tests of a clock that is told from a counter.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Guest code is in no host library. NOLINTBEGIN(bugprone-suspicious-include) */
#include "hrt/kernel/linux/timeline.c"
/* NOLINTEND(bugprone-suspicious-include) */

#define START_NS 1700000000000000000ull
#define ROUNDS   300000

static uint32_t seed = 1;

static uint64_t below(uint32_t end)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % end;
}

/* What the clock shows: it is faster than the counter by ppm. */
static uint64_t clock_at(uint64_t counter, int64_t ppm)
{
	return START_NS + counter +
	       (uint64_t)((int64_t)(counter / 1000) * ppm / 1000);
}

/* Told and read by turns: what comes later is never less. */
static void alternate(int64_t ppm, uint64_t *ret_worst)
{
	struct timeline line = { .at_ns = 0 };
	uint64_t counter = 1000, before = 0, start, shown, now;

	*ret_worst = 0;
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 2) {
			now = timeline_tell(&line, counter);
			shown = clock_at(counter, ppm);
			if (now < shown && shown - now > *ret_worst)
				*ret_worst = shown - now;
		} else {
			start = counter;
			counter += below(50000);
			shown = clock_at(counter, ppm);
			counter += below(50000);
			now = timeline_learn(&line, shown, start, counter);
		}
		assert_true(now >= before);
		before = now;
		counter += below(i % 1000 ? 5000 : 300000000);
	}
}

static void test_alternate(void **unused)
{
	static const int64_t ppm[] = { 0, 100, -100, 5000, -5000 };
	uint64_t worst;

	(void)unused;
	for (int i = 0; i < 5; i++) {
		alternate(ppm[i], &worst);
		/* It is read every 50 us here, but for pauses of 300 ms. */
		if (i < 3)
			assert_in_range(worst, 0, 300000);
	}
}

/* One that goes as the counter does is never told before it has come. */
static void test_below(void **unused)
{
	struct timeline line = { .at_ns = 0 };

	(void)unused;
	timeline_learn(&line, START_NS + 40, 0, 100);
	for (uint64_t counter = 100; counter < 1000000000; counter += 999)
		assert_true(timeline_tell(&line, counter) <=
			    START_NS + counter);
	/* A reading that took longer says less. */
	timeline_learn(&line, START_NS + 1000000000, 1000000000, 1000009000);
	assert_true(timeline_tell(&line, 1000009000) >= START_NS + 1000000000);
}

static void test_step(void **unused)
{
	struct timeline line = { .at_ns = 0 };
	uint64_t hour = 3600000000000;

	(void)unused;
	timeline_learn(&line, START_NS, 0, 100);
	timeline_tell(&line, 200);
	/* Somebody has set the clock: forward, and back. */
	assert_int_equal(timeline_learn(&line, START_NS + hour, 300, 400),
			 START_NS + hour);
	assert_true(timeline_tell(&line, 500) >= START_NS + hour);
	assert_int_equal(timeline_learn(&line, START_NS, 600, 700), START_NS);
	assert_in_range(timeline_tell(&line, 800), START_NS, START_NS + 1000);
}

static void test_stretch(void **unused)
{
	struct timeline line = { .at_ns = 0 };
	uint64_t from;

	(void)unused;
	timeline_learn(&line, START_NS, 0, 0);
	for (uint64_t ns = 1; ns < 1ull << 62; ns = ns * 3 + 1) {
		line.told_ns = 0;
		from = timeline_tell(&line, 0);
		assert_true(timeline_tell(&line, timeline_stretch(ns)) - from >=
			    ns);
	}
	assert_int_equal(timeline_stretch(UINT64_MAX), UINT64_MAX);
	assert_int_equal(timeline_stretch(UINT64_MAX - 5), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alternate),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_stretch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
