// SPDX-License-Identifier: Apache-2.0
// Runs the tests and counts.
#include "test.h"

#include "console.h"
#include "cpu.h"
#include "shell.h"

static const struct test *const groups[] = { test_memory, test_thread,
					     test_program };

static int count, failed;

void test_ok(bool passed, const char *what)
{
	count++;
	failed += !passed;
	console_print("%sok %d - %s\n", passed ? "" : "not ", count, what);
}

struct thread *test_start(void (*entry)(void *arg), void *arg, int cpu)
{
	struct thread *thread = thread_new("test", entry, arg, cpu);

	if (!thread)
		dive_panic("test: not enough memory for a thread");
	thread_start(thread);
	return thread;
}

static bool is_named(const struct test *test, char **names)
{
	if (!names[0])
		return !test->is_asked;
	for (; names[0]; names++)
		if (shell_is_same(names[0], test->name))
			return true;
	return false;
}

int test_main(char **names)
{
	count = failed = 0;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (const struct test *t = groups[i]; t->name; t++)
			if (is_named(t, names))
				t->run();
	if (!count)
		test_ok(false, "there is a test of that name");
	console_print("1..%d\n", count);
	return failed;
}
