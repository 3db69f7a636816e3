// SPDX-License-Identifier: Apache-2.0
// link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=strndup
// The command line: values, whole names, what belongs to the kernel, replay.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/test/line.h"

static void test_defaults(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "k"), 0);
	assert_string_equal(l.o.run.image, "k");
	assert_string_equal(l.o.run.cmdline, "");
	assert_null(l.o.run.boot);
	assert_null(l.o.run.cpu_mask);
	assert_true(l.o.run.mem_size == UINT64_C(256) << 20);
	assert_true(l.o.run.mem_base == 0);
	assert_int_equal(l.o.run.cpus, 1);
	assert_false(l.o.run.pinned);
	assert_true(l.o.run.hello_ns == UINT64_C(5000000000));
	assert_int_equal(l.o.run.in_fd, 0);
	assert_int_equal(l.o.run.out_fd, 1);
	assert_int_equal(l.o.run.console_fd, 2);
	assert_int_equal(l.o.status_fd, -1);
	assert_int_equal(l.o.exit_ok, -1);
	options_free(&l.o);
}

static void test_values(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(
		parse(&l,
		      "--mem 64M@0x60000000 --cpus=3 --pin 4-6 --hugepages 2M "
		      "--boot pvh --cpu -x2apic --strict --timeout 0.5 "
		      "--exit-ok 41 --quiet-cpu --quiet --status-fd 1 k"),
		0);
	assert_true(l.o.run.mem_size == UINT64_C(64) << 20);
	assert_true(l.o.run.mem_base == 0x60000000);
	assert_int_equal(l.o.run.cpus, 3);
	assert_true(l.o.run.pinned);
	assert_int_equal(l.o.run.pin[2], 6);
	assert_true(l.o.run.page_size == UINT64_C(2) << 20);
	assert_string_equal(l.o.run.boot, "pvh");
	assert_string_equal(l.o.run.cpu_mask, "-x2apic");
	assert_true(l.o.run.strict);
	assert_true(l.o.run.timeout_ns == 500000000);
	assert_int_equal(l.o.exit_ok, 41);
	assert_true(l.o.run.quiet_cpu);
	assert_true(l.o.quiet);
	assert_true(l.o.run.hello_ns == 0);
	assert_int_equal(l.o.status_fd, 1);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--timeout 18446744073 k"), 0);
	assert_true(l.o.run.timeout_ns == INT64_MAX);
	options_free(&l.o);
}

static void test_files(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--initrd a --initrd b --module m_x__y "
				   "--module n k"),
			 0);
	assert_int_equal(l.o.run.initrds, 2);
	assert_string_equal(l.o.run.initrd[1].path, "b");
	assert_int_equal(l.o.run.modules, 2);
	assert_string_equal(l.o.run.module[0].path, "m");
	assert_string_equal(l.o.run.module[0].cmdline, "x  y");
	assert_string_equal(l.o.run.module[1].cmdline, "");
	options_free(&l.o);
	refuse("--module _x k", "--module: the name of the file is empty");
}

static void test_too_many_files(void **state)
{
	static const char option[] = "--module=m ";
	char text[256] = "";

	(void)state;
	for (size_t i = 0; i <= RUN_FILES_MAX; i++)
		memcpy(text + i * (sizeof(option) - 1), option, sizeof(option));
	refuse(text, "--module: more than 16 files; join some of them");
}

static void test_kernel_words(void **state)
{
	static const char *const lines[][2] = {
		{ "k a b", "a b" },
		{ "k -- a", "a" },
		{ "-- k a", "a" },
		{ "k -- -- a", "-- a" },
		{ "k --mem 1", "--mem 1" },
		{ "k a -- b", "a -- b" },
		{ "k a_b c", "a b c" },
		{ "k --", "" },
		{ "--quiet -- k -- x", "x" },
		{ "k --help", "--help" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l;

		assert_int_equal(parse(&l, lines[i][0]), 0);
		assert_string_equal(l.o.run.image, "k");
		assert_string_equal(l.o.run.cmdline, lines[i][1]);
		assert_false(l.o.help);
		options_free(&l.o);
	}
}

static void test_refused(void **state)
{
	(void)state;
	refuse("", "no kernel given; write dive KERNEL, or see dive --help");
	refuse("--cp 2 k",
	       "unknown option --cp; did you mean --cpus? See dive --help");
	refuse("--stric k",
	       "unknown option --stric; did you mean --strict? See dive --help");
	refuse("--strict=yes k", "--strict takes no value; see dive --help");
	refuse("--mem", "--mem needs a value; see dive --help");
	refuse("--cpu", "--cpu needs a value; see dive --help");
	refuse("-x k", "unknown option -x; see dive --help");
	refuse("--=1 k", "unknown option --=1; see dive --help");
	refuse("--mode hrt --ros-initrd i k",
	       "--ros-initrd goes with --ros KERNEL only");
	refuse("--mode hrt --hrt-reboots 1 k -- program",
	       "--hrt-reboots does not go with a program");
	refuse("--mode hrt --attach s k",
	       "--attach goes with a program only; the other dive has the kernel");
	refuse("--keep s k", "--keep goes with --mode hrt only, without --ros");
	refuse("--mode hrt --serve local k",
	       "--serve: it is NAME=local, NAME=forward or NAME=ERRNO");
	refuse("--mode hrt --ros l --repeat 2 k",
	       "--repeat does not go with --mode hrt");
	refuse("--mode hrt --mode fullvm --ros l k",
	       "--ros, --ros-initrd, --hrt-reboots, --window, --serve, --native, --console and --report go with --mode hrt only");
	refuse("--console both k",
	       "--ros, --ros-initrd, --hrt-reboots, --window, --serve, --native, --console and --report go with --mode hrt only");
	refuse("--mode hrt --console guest k",
	       "--console: it is hrt, ros or both, not 'guest'");
	refuse("--mode hrt --ros k", "no kernel given; write dive KERNEL, or "
				     "see dive --help");
	refuse("--ros-cpus 0 k",
	       "--ros-cpus: 0 is too small; the smallest is 1");
	refuse("--repeat 3 --status-fd 1 k",
	       "--status-fd does not go with --repeat; use --json");
	refuse("--pin 1 --cpus 2 k",
	       "--pin names 1 of 2 virtual CPUs; name a CPU of the host for each");
	refuse("--timeout 0 k",
	       "--timeout: 0 seconds are not enough; write 5 or 0.25");
	refuse("--exit-ok 256 k",
	       "--exit-ok: 256 is too large; the largest is 255");
}

/* No name of the table may be abbreviated, and each takes what it says. */
static void test_debug(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "k"), 0);
	assert_null(l.o.run.gdb);
	assert_null(l.o.core);
	assert_int_equal(l.o.run.core_fd, -1);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--gdb tcp::1 --gdb-wait --core c k"), 0);
	assert_string_equal(l.o.run.gdb, "tcp::1");
	assert_true(l.o.run.gdb_wait);
	assert_string_equal(l.o.core, "c");
	assert_int_equal(l.o.run.hello_ns, 0);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--gdb-wait k"), -EINVAL);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--gdb tcp::1 --repeat 2 k"), -EINVAL);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--core c --repeat 2 k"), -EINVAL);
	options_free(&l.o);
}

static void test_table(void **state)
{
	(void)state;
	for (const struct option_row *row = options_table(); row->name; row++) {
		struct line l;
		char text[64];

		for (const struct option_row *r = options_table(); r < row; r++)
			assert_string_not_equal(r->name, row->name);
		assert_true((row->set == NULL) == (row->member != 0));
		assert_true(row->arg || !row->set);
		if (!strcmp(row->name, "cpus"))
			continue; /* one letter less is --cpu */
		snprintf(text, sizeof(text), "--%.*s k",
			 (int)strlen(row->name) - 1, row->name);
		assert_int_equal(parse(&l, text), -EINVAL);
		assert_non_null(strstr(l.e.msg, "unknown option"));
		options_free(&l.o);
	}
}

static void test_replay(void **state)
{
	static const char *const want[] = { "dive",     "X",  "--mem", "1M",
					    "--strict", "--", "k",     "--",
					    "--repeat", "2",  NULL };
	struct line l;
	char x[] = "X";

	(void)state;
	assert_int_equal(parse(&l, "--repeat 5 --mem 1M --warmup=2 --strict k "
				   "-- --repeat 2"),
			 0);
	assert_int_equal(l.o.repeat, 5);
	assert_int_equal(l.o.warmup, 2);
	l.o.replay[1] = x;
	for (size_t i = 0; want[i]; i++)
		assert_string_equal(l.o.replay[i], want[i]);
	assert_null(l.o.replay[sizeof(want) / sizeof(want[0]) - 1]);
	options_free(&l.o);
}

static void test_help(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	options_help(out);
	fclose(out);
	for (const struct option_row *row = options_table(); row->name; row++) {
		char word[64];

		snprintf(word, sizeof(word), "\n  --%s%s%s ", row->name,
			 row->arg && row->arg[1] != '=' ? " " : "",
			 row->arg ? row->arg : "");
		assert_non_null(strstr(text, word));
		assert_non_null(strstr(text, row->help));
	}
	free(text);
}

/* The allocation that fails: 0 = the next one, -1 = none. */
static int fail_at = -1;

static bool fails(void)
{
	return fail_at >= 0 && fail_at-- == 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
char *__real_strndup(const char *text, size_t n);
char *__wrap_strndup(const char *text, size_t n);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

char *__wrap_strndup(const char *text, size_t n)
{
	return fails() ? NULL : __real_strndup(text, n);
}

/* Whichever allocation fails, it is said and nothing leaks. */
static void test_no_memory(void **state)
{
	struct line l;
	int n;

	(void)state;
	for (n = 0; n < 100; n++) {
		int r;

		fail_at = n;
		r = parse(&l, "--module m_x --module n k a b");
		options_free(&l.o);
		if (r == 0)
			break;
		assert_int_equal(r, -ENOMEM);
		assert_non_null(strstr(l.e.msg, "no memory for"));
	}
	fail_at = -1;
	assert_int_equal(n, 4); /* replay, two modules, words */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_too_many_files),
		cmocka_unit_test(test_kernel_words),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_debug),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
