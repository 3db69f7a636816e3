// SPDX-License-Identifier: Apache-2.0
// Shared memory in large pages: of which size, and for whom.
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/huge.h"

#define PAGE_2M 0x200000
#define NOBODY  65534

static void test_file_is_memory(void **state)
{
	int fd = huge_file("memory", 3 * PAGE_2M);
	struct stat st;
	uint8_t *map;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 3 * PAGE_2M);
	map = huge_map(3 * PAGE_2M, MAP_SHARED, fd);
	assert_ptr_not_equal(map, MAP_FAILED);
	assert_int_equal((uintptr_t)map % PAGE_2M, 0);
	assert_int_equal(map[3 * PAGE_2M - 1], 0);
	map[0] = 1;
	munmap(map, 3 * PAGE_2M);
	close(fd);
}

/* In a child: what Linux wants to be read at once is the size of a page. */
static int try(void)
{
	int fd = huge_file("memory", PAGE_2M);
	struct stat st;

	return fd < 0 || fstat(fd, &st) || st.st_blksize != PAGE_2M;
}

static int try_as_nobody(void)
{
	if (setgid(NOBODY) || setuid(NOBODY) || prctl(PR_SET_DUMPABLE, 1))
		return -1;
	return try();
}

static int enter_world(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNS);
}

static bool succeeds(int (*what)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(what() != 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static void test_pages_are_large(void **state)
{
	(void)state;
	/* Containers often forbid what is needed. */
	if (access("/sys/kernel/mm/transparent_hugepage", F_OK) ||
	    !succeeds(enter_world))
		skip();
	assert_true(succeeds(try));
	if (getuid() == 0)
		assert_true(succeeds(try_as_nobody));
}

#ifdef __SANITIZE_THREAD__
#define COUNT 1 /* its own thread forbids the user name space */
#else
#define COUNT 2
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_is_memory),
		cmocka_unit_test(test_pages_are_large),
	};

	return _cmocka_run_group_tests("huge", tests, COUNT, NULL, NULL);
}
