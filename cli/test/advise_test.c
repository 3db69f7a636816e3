// SPDX-License-Identifier: Apache-2.0
// diver advise: estimates, ranking, the union of programs, what it refuses.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "cli/test/render.h"

#define GOLDEN "cli/test/golden/fasta"

static char *slurp(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, in) > 0);
	fclose(in);
	return text;
}

/* Counts of a run that was measured (Racket's fasta), times as modelled. */
static void test_golden(void **state)
{
	static const char *const name[] = { GOLDEN ".txt", GOLDEN ".svg" };
	struct report r;

	(void)state;
	assert_int_equal(report_read(GOLDEN ".json", &r, NULL), 0);
	for (int i = 0; i < 2; i++) {
		char *want = slurp(name[i]), *got = render_report(&r, i == 1);

		assert_string_equal(got, want);
		free(want);
		free(got);
	}
	render_all(&r, 1);
	report_free(&r);
}

static void test_buckets(void **state)
{
	uint32_t count[DIVE_BUCKETS] = { 0 };

	(void)state;
	for (uint64_t c = 2; c < UINT64_C(1) << 33; c += c / 7 + 1) {
		unsigned int b = dive_bucket(c);

		assert_true(bucket_low(b) <= (double)c);
		if (b < DIVE_BUCKETS - 1)
			assert_true((double)c < bucket_low(b + 1));
	}
	assert_true(bucket_quantile(count, 0.5) == 0);
	count[dive_bucket(1000)] = 98;
	count[dive_bucket(100000)] = 2;
	assert_true(bucket_quantile(count, 0.5) == 896); /* 768 to 1024 */
	assert_true(bucket_quantile(count, 0.98) == 896);
	assert_true(bucket_quantile(count, 0.99) == 114688);
}

static void fill(struct dive_count *c, uint32_t nr, uint32_t n, uint64_t way,
		 uint64_t service)
{
	*c = (struct dive_count){
		.how = DIVE_COUNT_SYSCALL,
		.nr = nr,
		.forwarded = n,
		.channel_cycles = n * way,
		.linux_cycles = n * service,
	};
	c->channel[dive_bucket(way)] = n;
	c->service[dive_bucket(service)] = n;
}

/* A second at 1 GHz: a cycle is a nanosecond. */
static struct report one_second(struct dive_count *row, unsigned int rows)
{
	return (struct report){ .program = "p",
				.has_counts = true,
				.run_s = 1,
				.tsc_hz = 1e9,
				.row = row,
				.rows = rows };
}

static bool near(double got, double want)
{
	return got > want * 0.75 && got < want * 1.25;
}

static void test_saving(void **state)
{
	struct dive_count row[3];
	struct report r = one_second(row, 3);
	struct saving s;

	(void)state;
	fill(&row[0], SYS_getpid, 100000, 1000, 500);
	fill(&row[1], SYS_read, 1000, 1000, 500);
	fill(&row[2], SYS_rt_sigprocmask, 0, 0, 0);
	row[2].local = 10;
	row[2].local_cycles = 1000; /* 100 each */
	s = advise_saving(&r, &row[0]);
	assert_true(near(s.best, 0.14));
	assert_true(s.low <= 0.1 && s.low > 0.05);
	assert_true(s.high <= 0.15 && s.high > 0.13);
	s = advise_saving(&r, &row[1]); /* stays in Linux */
	assert_true(s.high == 0);

	/* One in 200 was interrupted for long: the lower end is as before. */
	row[0].channel[dive_bucket(1000000)] = 500;
	row[0].channel_cycles += UINT64_C(500) * 1000000;
	s = advise_saving(&r, &row[0]);
	assert_true(near(s.best, 0.64));
	assert_true(s.low <= 0.1 && s.low > 0.05);

	/* Of one that waits the time in Linux is not saved. */
	fill(&row[0], SYS_futex, 100, 1000, 5000000);
	s = advise_saving(&r, &row[0]);
	assert_true(near(s.best, 0.00009));
	assert_true(s.high < 0.00011);

	/* Never less than nothing. */
	fill(&row[0], SYS_getpid, 100000, 10, 10);
	s = advise_saving(&r, &row[0]);
	assert_true(s.low >= 0 && s.low <= s.best && s.best <= s.high);
}

static void test_rank(void **state)
{
	struct dive_count row[4];
	struct report r = one_second(row, 4);
	struct times t = { 0 };
	struct advice a[4];

	(void)state;
	fill(&row[0], SYS_write, 9000, 1000, 1000);
	fill(&row[1], SYS_getpid, 10, 1000, 100);
	fill(&row[2], SYS_brk, 100, 1000, 1000);
	fill(&row[3], SYS_lseek, 50, 1000, 1000);
	assert_int_equal(advise_rank(&r, a), 3);
	assert_ptr_equal(a[0].row, &row[2]);
	assert_ptr_equal(a[1].row, &row[3]);
	assert_ptr_equal(a[2].row, &row[1]);
	t = advise_times(&r);
	assert_true(near(t.channel, 0.00916));
	assert_true(near(t.linux_s, 0.00915));
	assert_true(t.computed < 0.99 && t.computed > 0.98);
	r.run_s = 0.001; /* threads */
	assert_true(advise_times(&r).computed == 0);
}

static void test_union(void **state)
{
	struct dive_count a[3], b[2], c[1];
	struct report r[3] = { one_second(a, 3), one_second(b, 2),
			       one_second(c, 1) };
	struct plan p;

	(void)state;
	fill(&a[0], SYS_read, 10, 1000, 100);
	fill(&a[1], SYS_brk, 10, 1000, 100);
	fill(&a[2], SYS_mmap, 10, 1000, 100);
	fill(&b[0], SYS_getpid, 10, 1000, 100);
	fill(&b[1], SYS_write, 10, 1000, 100);
	fill(&c[0], SYS_read, 10, 1000, 100);
	assert_int_equal(plan_make(r, 3, &p, NULL), 0);
	assert_int_equal(p.wants, 3);
	assert_int_equal(p.done[0], 1);
	assert_int_equal(p.want[0].row->nr, SYS_getpid); /* closest */
	assert_int_equal(p.done[1], 2);
	assert_int_equal(p.done[2], 2);
	assert_int_equal(p.done[3], 3);
	plan_free(&p);

	/* Of two calls the one that most programs want comes first. */
	fill(&b[1], SYS_mmap, 1, 1000, 100);
	assert_int_equal(plan_make(r, 3, &p, NULL), 0);
	assert_int_equal(p.want[0].row->nr, SYS_mmap);
	assert_int_equal(p.want[0].programs, 3);
	assert_true(p.want[0].forwarded == 11);
	assert_int_equal(p.done[3], 3);
	plan_free(&p);
	render_all(r, 3);
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		uint32_t how;
		uint32_t nr;
		uint32_t command;
		enum call_kind kind;
	} want[] = {
		{ "read", DIVE_COUNT_SYSCALL, SYS_read, 0, CALL_STAYS },
		{ "fcntl F_GETFL", DIVE_COUNT_SYSCALL, SYS_fcntl, 3,
		  CALL_CACHE },
		{ "fcntl 0x63", DIVE_COUNT_SYSCALL, SYS_fcntl, 99, CALL_STAYS },
		{ "futex FUTEX_WAKE", DIVE_COUNT_SYSCALL, SYS_futex, 0x81,
		  CALL_LOCAL },
		{ "call 1000", DIVE_COUNT_SYSCALL, 1000, 0, CALL_STAYS },
		{ "page fault", DIVE_COUNT_FAULT, 0, 0, CALL_MEMORY },
		{ "memory for the program", DIVE_COUNT_MAP, 0, 0, CALL_MEMORY },
	};
	char name[CALLS_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct dive_count c = { .how = want[i].how,
					.nr = want[i].nr,
					.command = want[i].command };

		calls_name(&c, name);
		assert_string_equal(name, want[i].name);
		assert_int_equal(calls_kind(&c), want[i].kind);
	}
#define CALL(nr, name, kind) assert_int_equal(nr, __NR_##name);
#include "hrt/calls.def"
}

#define HEAD "{\"dive_report\":1,\"tsc_khz\":1000,\"run_ns\":5"

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"[]",
		"{}",
		"{\"dive_report\":2}",
		"{\"dive_report\":\"1\"}",
		HEAD,
		HEAD ",\"status\":256}",
		HEAD ",\"run_ns\":-1,\"bad\":1e300}",
		HEAD ",\"counts\":{}}",
		HEAD ",\"counts\":[1]}",
		HEAD ",\"counts\":[{\"how\":\"syscall\",\"nr\":1024}]}",
		HEAD ",\"counts\":[{\"how\":\"syscall\",\"nr\":-1}]}",
		HEAD ",\"counts\":[{\"forwarded\":1e16}]}",
		HEAD ",\"counts\":[{\"channel\":[[64,1]]}]}",
		HEAD ",\"counts\":[{\"channel\":[[1]]}]}",
		HEAD ",\"x\":[[[[[[[[[[[[]]]]]]]]]]]]}",
	};
	struct report r;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(report_parse(bad[i], strlen(bad[i]), &r, &e),
				 -EINVAL);
		assert_true(e.msg[0] != 0);
	}
}

/* What dive never writes, but a later version or a foe might. */
static void test_taken(void **state)
{
	static const char text[] =
		HEAD ",\"new\":{\"a\":\"}]\\\"[[[[[[[[[[\"},\"program\":[\"a\","
		     "\"\\u001b[31m\"],\"counts\":[{\"how\":\"future\"},"
		     "{\"how\":\"syscall\",\"nr\":3,\"command\":5,"
		     "\"forwarded\":1},"
		     "{\"how\":\"syscall\",\"nr\":3,\"forwarded\":2},"
		     "{\"how\":\"syscall\",\"nr\":202,\"command\":128},"
		     "{\"how\":\"syscall\",\"nr\":202,\"command\":0}]}";
	struct report r;
	char *out;

	(void)state;
	assert_int_equal(report_parse(text, strlen(text), &r, NULL), 0);
	assert_int_equal(r.rows, 2);
	assert_int_equal(r.row[0].forwarded, 3);
	assert_int_equal(r.row[0].command, 0);
	assert_true(r.tsc_hz == 1e6);
	out = render_report(&r, false);
	assert_non_null(strstr(out, "a \\x1b[31m: 0.000 s"));
	free(out);
	render_all(&r, 1);
	report_free(&r);
	assert_int_equal(report_read("/nonexistent", &r, NULL), -ENOENT);
	assert_int_equal(report_read("/dev/null", &r, NULL), -ENODATA);
}

/* Linux runs a program itself, which may run another one on the kernel. */
static void test_native(void **state)
{
	static const char none[] = HEAD ",\"native\":true,\"counts\":[]}";
	static const char some[] =
		HEAD ",\"native\":true,\"counts\":[{\"how\":\"syscall\","
		     "\"nr\":3,\"forwarded\":1}]}";
	struct report r;
	char *out;

	(void)state;
	assert_int_equal(report_parse(none, strlen(none), &r, NULL), 0);
	assert_false(r.has_counts);
	report_free(&r);
	assert_int_equal(report_parse(some, strlen(some), &r, NULL), 0);
	assert_true(r.has_counts);
	out = render_report(&r, false);
	assert_non_null(strstr(out, ", what it has run on the kernel\n"));
	free(out);
	report_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),  cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_saving),  cmocka_unit_test(test_rank),
		cmocka_unit_test(test_union),   cmocka_unit_test(test_names),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_taken),
		cmocka_unit_test(test_native),
	};

	return cmocka_run_group_tests_name("advise", tests, NULL, NULL);
}
