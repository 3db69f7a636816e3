// SPDX-License-Identifier: Apache-2.0
// Whole reads and writes: over small pipes, over ends, over non-blocking ends.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#define BIG (256 * 1024) /* more than a pipe holds */

static char out[BIG];
static char in[BIG];

struct writer {
	int fd;
	int result;
};

static void *write_big(void *arg)
{
	struct writer *w = arg;

	w->result = io_write_all(w->fd, out, BIG);
	close(w->fd);
	return NULL;
}

static void through_pipe(int flags)
{
	struct writer w;
	pthread_t thread;
	int fd[2];

	for (size_t i = 0; i < BIG; i++)
		out[i] = (char)(i * 7 + i / 1000);
	memset(in, 0, BIG);
	assert_int_equal(pipe2(fd, flags), 0);
	w.fd = fd[1];
	assert_int_equal(pthread_create(&thread, NULL, write_big, &w), 0);
	assert_int_equal(io_read_all(fd[0], in, BIG), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(w.result, 0);
	assert_memory_equal(in, out, BIG);
	assert_int_equal(io_read_all(fd[0], in, 1), -ENODATA);
	close(fd[0]);
}

static void test_blocking(void **state)
{
	(void)state;
	through_pipe(0);
}

static void test_nonblocking(void **state)
{
	(void)state;
	through_pipe(O_NONBLOCK);
}

static void test_errors(void **state)
{
	int fd[2];
	char c;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	assert_int_equal(io_write_all(fd[1], "x", 1), -EPIPE);
	close(fd[1]);
	assert_int_equal(io_write_all(fd[1], "x", 1), -EBADF);
	assert_int_equal(io_read_all(fd[1], &c, 1), -EBADF);
	assert_int_equal(io_write_all(-1, NULL, 0), 0);
}

static void test_line(void **state)
{
	static char many[IO_LINE_MAX + 10];
	char got[IO_LINE_MAX + 100];
	int fd[2];

	(void)state;
	memset(many, 'x', sizeof(many));
	assert_int_equal(pipe2(fd, O_NONBLOCK), 0);
	assert_int_equal(io_write_line(fd[1], "m: ", "a\nb\n", 4), 2);
	assert_int_equal(io_write_line(fd[1], "m: ", "b\n", 1), 1);
	assert_int_equal(io_write_line(fd[1], "", "\n", 1), 1);
	assert_int_equal(read(fd[0], got, sizeof(got)), 10);
	assert_memory_equal(got, "m: a\nm: b\n", 10);
	assert_int_equal(io_write_line(fd[1], "m", many, sizeof(many)),
			 IO_LINE_MAX);
	assert_int_equal(read(fd[0], got, sizeof(got)), IO_LINE_MAX + 1);
	close(fd[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(io_write_line(fd[1], "m", "a", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_blocking),
		cmocka_unit_test(test_nonblocking),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("io", tests, NULL, NULL);
}
