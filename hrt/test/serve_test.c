// SPDX-License-Identifier: Apache-2.0
// Unit tests of Minnow's table of system calls and of the words that change it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hrt/test/table_rig.inc"

/* The same numbers as Linux, from its headers. */
static void test_names(void **state)
{
	(void)state;
	assert_string_equal(table_name(__NR_read), "read");
	assert_string_equal(table_name(__NR_openat2), "openat2");
	assert_string_equal(table_name(__NR_futex_waitv), "futex_waitv");
	assert_null(table_name(335));
	assert_null(table_name(423));
	assert_null(table_name(CALLS));
	assert_null(table_name(UINT32_MAX));
	for (uint32_t nr = 0; nr < 335; nr++)
		assert_non_null(table_name(nr));
	for (uint32_t nr = 424; nr < CALLS; nr++)
		assert_non_null(table_name(nr));
	assert_string_equal(table_command(__NR_fcntl, 3), "F_GETFL");
	assert_null(table_command(__NR_read, 3));
	assert_string_equal(table_error(ENOSYS), "ENOSYS");
	assert_null(table_error(0));
	assert_null(table_error(-1));
	assert_null(table_error(4096));
}

static void check_argument(const struct call_line *line, unsigned int i)
{
	const struct argument *kind = &line->argument[i];

	assert_in_range(kind->kind, ARG_VALUE, ARG_COMMAND);
	assert_in_range(kind->other, 0, ARGUMENTS - 1);
	switch (kind->kind) {
	case ARG_VALUE:
		break;
	case ARG_TEXT:
	case ARG_COMMAND:
		assert_int_not_equal(kind->size, 0);
		break;
	case ARG_FIXED:
	case ARG_BUFFER:
		assert_int_not_equal(kind->size, 0);
		assert_int_not_equal(kind->flags & ARG_IO, 0);
		break;
	default:
		assert_int_not_equal(kind->flags & ARG_IO, 0);
	}
	/* What counts or tells a size is a value, but a sockaddr's is not. */
	if (kind->kind >= ARG_BUFFER && kind->kind != ARG_MESSAGE)
		assert_int_equal(line->argument[kind->other].kind, ARG_VALUE);
}

static void test_lines(void **state)
{
	(void)state;
	for (uint32_t nr = 0; nr < CALLS; nr++) {
		const struct call_line *line = table_line(nr);

		assert_in_range(line->policy, CALL_LOCAL, CALL_REFUSE);
		if (line->policy == CALL_FORWARD)
			assert_true(line->forwards);
		if (line->policy == CALL_REFUSE)
			assert_non_null(table_error(line->error));
		if (line->local || line->policy)
			assert_non_null(table_name(nr));
		for (unsigned int i = 0; i < ARGUMENTS; i++)
			check_argument(line, i);
	}
}

static enum call_policy policy(uint32_t nr, int want_error)
{
	int error;
	enum call_policy is = serve_policy(nr, &error);

	if (is == CALL_REFUSE)
		assert_int_equal(error, want_error);
	return is;
}

/* Obeys all words; the last one's problem, or NULL. */
static const char *obey_all(const char *args, const char *want_rest)
{
	struct serve_word word = { .problem = NULL };

	serve_reset();
	while (serve_next(args, &word)) {
		if (word.problem)
			return word.problem;
		args = word.end;
	}
	assert_string_equal(args, want_rest);
	return NULL;
}

static void test_policy(void **state)
{
	(void)state;
	serve_reset();
	assert_int_equal(policy(__NR_read, 0), CALL_FORWARD);
	assert_int_equal(policy(__NR_mmap, 0), CALL_LOCAL);
	assert_int_equal(policy(__NR_execve, ENOSYS), CALL_REFUSE);
	assert_int_equal(policy(__NR_reboot, EPERM), CALL_REFUSE);
	assert_int_equal(policy(400, ENOSYS), CALL_REFUSE);
}

static void test_change(void **state)
{
	(void)state;
	assert_null(obey_all("", ""));
	assert_null(obey_all("bzip2 serve=read=EIO", "bzip2 serve=read=EIO"));
	assert_null(
		obey_all("serve=getpid=local  serve=read=EIO ls -l", "ls -l"));
	assert_int_equal(policy(__NR_getpid, 0), CALL_LOCAL);
	assert_int_equal(policy(__NR_read, EIO), CALL_REFUSE);
	assert_int_equal(policy(__NR_write, 0), CALL_FORWARD);
	assert_null(obey_all("serve=clock_gettime=forward", ""));
	assert_int_equal(policy(__NR_clock_gettime, 0), CALL_FORWARD);
	assert_int_equal(policy(__NR_getpid, 0), CALL_FORWARD);
	/* The last word counts. */
	assert_null(obey_all("serve=read=EIO serve=read=forward", ""));
	assert_int_equal(policy(__NR_read, 0), CALL_FORWARD);
	assert_null(obey_all("serve=brk=ENOSYS", ""));
	assert_int_equal(policy(__NR_brk, ENOSYS), CALL_REFUSE);
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"serve=",
		"serve=read",
		"serve=read=",
		"serve==",
		"serve=nothing=EIO",
		"serve=rea=EIO",
		"serve=read=EFOO",
		"serve=read=local",
		"serve=read=Local",
		"serve=mmap=forward",
		"serve=execve=local",
		"serve=execve=forward",
		"serve=read=EIO2",
		"serve=prlimit64=forward",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_non_null(obey_all(bad[i], ""));
		assert_int_equal(policy(__NR_read, 0), CALL_FORWARD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),  cmocka_unit_test(test_lines),
		cmocka_unit_test(test_policy), cmocka_unit_test(test_change),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
