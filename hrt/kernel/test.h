/* SPDX-License-Identifier: Apache-2.0 */
/* The self test: the command "test". */
#ifndef MINNOW_TEST_H
#define MINNOW_TEST_H

#include <stdbool.h>

struct thread;

/**
 * struct test - one group of checks
 * @name: as the command knows it
 * @is_asked: only run when named
 * @run: calls test_ok() for each check
 */
struct test {
	const char *name;
	bool is_asked;
	void (*run)(void);
};

/**
 * test_main() - run the tests
 * @names: which, NULL behind the last; none means all but those to be asked for
 *
 * Prints TAP.
 *
 * Return: how many checks failed.
 */
int test_main(char **names);

/**
 * test_ok() - one check
 * @passed: its result
 * @what: for people, begins with what it is about
 *
 * By the thread that runs the test.
 */
void test_ok(bool passed, const char *what);

/**
 * test_start() - start a thread
 * @entry: its function
 * @arg: for @entry
 * @cpu: as for thread_new()
 *
 * Return: the thread, to be joined; without memory the kernel ends here.
 */
struct thread *test_start(void (*entry)(void *arg), void *arg, int cpu);

/* Each ends with an entry without a name. */
extern const struct test test_memory[], test_thread[], test_program[];

#endif
