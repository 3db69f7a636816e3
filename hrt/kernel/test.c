// SPDX-License-Identifier: Apache-2.0
// Runs the tests and counts.
#include "test.h"

#include "console.h"
#include "cpu.h"
#include "shell.h"

static const struct test tests[] = {
	{ "ram", false, test_ram },
	{ "heap", false, test_heap },
	{ "page", false, test_page },
	{ "flush", false, test_flush },
	{ "threads", false, test_threads },
	{ "wait", false, test_wait },
	{ "mutex", false, test_mutex },
	{ "clock", false, test_clock },
	{ "program", false, test_program },
	/* Where kernel mode is emulated there may be no XSAVE. */
	{ "fpu", true, test_fpu },
};

static int count, failed;

void test_ok(bool passed, const char *what)
{
	count++;
	failed += !passed;
	console_print("%sok %d - %s\n", passed ? "" : "not ", count, what);
}

struct thread *test_thread(void (*entry)(void *arg), void *arg, int cpu)
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
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (is_named(&tests[i], names))
			tests[i].run();
	if (!count)
		test_ok(false, "there is a test of that name");
	console_print("1..%d\n", count);
	return failed;
}
