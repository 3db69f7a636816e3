// SPDX-License-Identifier: Apache-2.0
// Streams of a program, through real pipes and terminals.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/ros/streams.h"

struct host {
	int end[STREAMS]; /* of the ports */
	struct streams streams;
};

static void open_all(struct host *h, uint32_t flags)
{
	const struct job_size size = { 33, 99 };
	int port[STREAMS], ends[2];
	struct err e;

	for (int i = 0; i < STREAMS; i++) {
		assert_int_equal(socketpair(AF_UNIX,
					    SOCK_STREAM | SOCK_NONBLOCK, 0,
					    ends),
				 0);
		h->end[i] = ends[0];
		port[i] = ends[1];
	}
	assert_int_equal(streams_open(&h->streams, port, flags, &size, &e), 0);
}

static int set_up(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	*state = calloc(1, sizeof(struct host));
	assert_non_null(*state);
	return 0;
}

static int tear_down(void **state)
{
	struct host *h = *state;

	streams_close(&h->streams);
	for (int i = 0; i < STREAMS; i++)
		if (h->end[i] >= 0)
			close(h->end[i]);
	free(h);
	return 0;
}

static void turn(struct host *h, int ms)
{
	struct pollfd at[STREAMS_WAITS];

	streams_want(&h->streams, at);
	(void)poll(at, STREAMS_WAITS, ms);
	streams_run(&h->streams, at);
}

/* Until @want has come out at @i. */
static void expect(struct host *h, int i, const char *want)
{
	char got[256];
	size_t have = 0;

	for (int ms = 0; ms < 5000 && have < strlen(want); ms += 10) {
		ssize_t n;

		turn(h, 10);
		n = read(h->end[i], got + have, sizeof(got) - have);
		if (n > 0)
			have += (size_t)n;
	}
	assert_int_equal(have, strlen(want));
	assert_memory_equal(got, want, have);
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void pipes(void **state)
{
	struct host *h = *state;
	char got[16];

	open_all(h, 0);
	say(h->end[0], "in");
	turn(h, 100);
	assert_int_equal(read(h->streams.far[0], got, sizeof(got)), 2);
	say(h->streams.far[1], "out");
	expect(h, 1, "out");
	say(h->streams.far[2], "err");
	expect(h, 2, "err");
	assert_int_equal(isatty(h->streams.far[0]), 0);

	shutdown(h->end[0], SHUT_WR);
	for (int i = 0; i < 3; i++)
		turn(h, 10);
	assert_int_equal(read(h->streams.far[0], got, sizeof(got)), 0);
}

static void reader_of_a_pipe_goes_away(void **state)
{
	struct host *h = *state;

	open_all(h, 0);
	close(h->end[1]);
	h->end[1] = -1;
	say(h->streams.far[1], "x");
	for (int i = 0; i < 3; i++)
		turn(h, 10);
	assert_int_equal(write(h->streams.far[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	/* The other one is as it was. */
	say(h->streams.far[2], "err");
	expect(h, 2, "err");
}

static void one_terminal_for_all(void **state)
{
	struct host *h = *state;
	const struct job_size larger = { 50, 200 };
	struct winsize size;
	char got[16];

	open_all(h, JOB_TERMINAL(0) | JOB_TERMINAL(1) | JOB_TERMINAL(2));
	for (int i = 0; i < STREAMS; i++)
		assert_int_equal(isatty(h->streams.far[i]), 1);
	assert_int_equal(ioctl(h->streams.far[1], TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_row, 33);
	assert_int_equal(size.ws_col, 99);
	streams_resize(&h->streams, &larger);
	assert_int_equal(ioctl(h->streams.far[1], TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_col, 200);

	say(h->end[0], "ls\r");
	expect(h, 1, "ls\r\n"); /* the echo */
	assert_int_equal(read(h->streams.far[0], got, sizeof(got)), 3);
	assert_memory_equal(got, "ls\n", 3);
	say(h->streams.far[2], "a\n");
	expect(h, 1, "a\r\n");

	/* As a user ends the input of a terminal. */
	shutdown(h->end[0], SHUT_WR);
	for (int i = 0; i < 3; i++)
		turn(h, 10);
	assert_int_equal(read(h->streams.far[0], got, sizeof(got)), 0);
}

static void only_errors_to_the_terminal(void **state)
{
	struct host *h = *state;

	open_all(h, JOB_TERMINAL(0) | JOB_TERMINAL(2));
	assert_int_equal(isatty(h->streams.far[1]), 0);
	say(h->streams.far[2], "err\n");
	expect(h, 2, "err\r\n");
	say(h->streams.far[1], "out\n");
	expect(h, 1, "out\n");
}

static void terminal_of_the_host_goes_away(void **state)
{
	struct host *h = *state;

	open_all(h, JOB_TERMINAL(0) | JOB_TERMINAL(1) | JOB_TERMINAL(2));
	close(h->end[1]);
	h->end[1] = -1;
	say(h->streams.far[1], "x");
	for (int i = 0; i < 100 && h->streams.terminal >= 0; i++)
		turn(h, 10);
	assert_int_equal(h->streams.terminal, -1);
	assert_int_equal(write(h->streams.far[1], "x", 1), -1);
	assert_int_equal(errno, EIO);
	turn(h, 0);
}

/* What was written last before the program ended. */
static void drains(struct host *h, const char *want)
{
	char got[256];
	size_t have = 0;
	ssize_t n;

	streams_started(&h->streams);
	while (!streams_drain(&h->streams))
		turn(h, 1000);
	while ((n = read(h->end[1], got + have, sizeof(got) - have)) > 0)
		have += (size_t)n;
	assert_int_equal(have, strlen(want));
	assert_memory_equal(got, want, have);
}

static void last_words_to_a_pipe(void **state)
{
	struct host *h = *state;

	open_all(h, 0);
	say(h->streams.far[1], "bye\n");
	drains(h, "bye\n");
}

static void last_words_to_a_terminal(void **state)
{
	struct host *h = *state;

	open_all(h, JOB_TERMINAL(1) | JOB_TERMINAL(2));
	say(h->streams.far[2], "bye\n");
	drains(h, "bye\r\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pipes),
		TEST(reader_of_a_pipe_goes_away),
		TEST(one_terminal_for_all),
		TEST(only_errors_to_the_terminal),
		TEST(terminal_of_the_host_goes_away),
		TEST(last_words_to_a_pipe),
		TEST(last_words_to_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
