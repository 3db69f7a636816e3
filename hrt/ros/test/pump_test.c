// SPDX-License-Identifier: Apache-2.0
// Pumps between sockets and pipes.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/ros/pump.h"

struct line {
	int source[2]; /* we write to [0], the pump reads [1] */
	int sink[2];   /* the pump writes to [0], we read [1] */
	struct pump pump;
	int ended;
	int broken;
};

static void on_end(void *ctx)
{
	((struct line *)ctx)->ended++;
}

static void on_broken(void *ctx)
{
	((struct line *)ctx)->broken++;
}

static int set_up(void **state)
{
	struct line *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    l->source),
			 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    l->sink),
			 0);
	pump_start(&l->pump, l->source[1], l->sink[0]);
	l->pump.at_end = on_end;
	l->pump.broken = on_broken;
	l->pump.ctx = l;
	*state = l;
	return 0;
}

static int tear_down(void **state)
{
	struct line *l = *state;

	for (int i = 0; i < 2; i++) {
		close(l->source[i]);
		close(l->sink[i]);
	}
	free(l);
	return 0;
}

/* Return: how many descriptors were ready within @ms. */
static int turn(struct line *l, int ms)
{
	struct pollfd at[2];
	int n;

	pump_want(&l->pump, at);
	n = poll(at, 2, ms);
	pump_run(&l->pump, at);
	return n;
}

static void bytes_pass(void **state)
{
	struct line *l = *state;
	char got[16];

	assert_int_equal(write(l->source[0], "hello", 5), 5);
	turn(l, 1000);
	assert_int_equal(read(l->sink[1], got, sizeof(got)), 5);
	assert_memory_equal(got, "hello", 5);
	assert_int_equal(turn(l, 0), 0);
}

static void end_is_told_behind_the_last_byte(void **state)
{
	struct line *l = *state;
	char got[16];

	assert_int_equal(write(l->source[0], "x", 1), 1);
	shutdown(l->source[0], SHUT_WR);
	for (int i = 0; i < 4; i++)
		turn(l, 0);
	assert_int_equal(l->ended, 1);
	assert_int_equal(l->broken, 0);
	assert_int_equal(read(l->sink[1], got, sizeof(got)), 1);
	/* Nothing is waited for any more. */
	assert_int_equal(turn(l, 0), 0);
}

/* Fill the way until nobody takes more. Return: bytes that went in. */
static size_t fill(struct line *l)
{
	static char block[4096];
	size_t in = 0;
	ssize_t n;

	do {
		n = write(l->source[0], block, sizeof(block));
		if (n > 0)
			in += (size_t)n;
		turn(l, 0);
	} while (n > 0);
	for (int i = 0; i < 100; i++)
		turn(l, 0);
	return in;
}

static void a_slow_reader_costs_nothing(void **state)
{
	struct line *l = *state;
	static char got[65536];
	size_t in = fill(l), out = 0;
	ssize_t n;

	/* Full: neither readable input nor a closed source wakes it. */
	assert_int_equal(turn(l, 0), 0);
	shutdown(l->source[0], SHUT_WR);
	assert_int_equal(turn(l, 0), 0);
	assert_true(l->pump.last <= PUMP_BYTES);
	while (!l->ended || out < in) {
		n = read(l->sink[1], got, sizeof(got));
		if (n > 0)
			out += (size_t)n;
		turn(l, 0);
	}
	assert_int_equal(out, in);
	assert_int_equal(l->broken, 0);
}

static void a_reader_that_goes_away(void **state)
{
	struct line *l = *state;

	close(l->sink[1]);
	l->sink[1] = -1;
	assert_int_equal(write(l->source[0], "x", 1), 1);
	turn(l, 1000);
	turn(l, 0);
	assert_int_equal(l->broken, 1);
	assert_int_equal(l->ended, 0);
	assert_int_equal(turn(l, 0), 0);
	assert_true(pump_drain(&l->pump));
}

static void drain_takes_what_is_there(void **state)
{
	struct line *l = *state;
	static char got[65536];
	size_t in = fill(l), out = 0;
	ssize_t n;

	/* The source stays open, as a terminal does. */
	while (!pump_drain(&l->pump)) {
		n = read(l->sink[1], got, sizeof(got));
		if (n > 0)
			out += (size_t)n;
		turn(l, 0);
	}
	while ((n = read(l->sink[1], got, sizeof(got))) > 0)
		out += (size_t)n;
	assert_int_equal(out, in);
	assert_true(pump_drain(&l->pump));
}

static void nothing_does_nothing(void **state)
{
	struct line *l = *state;

	pump_start(&l->pump, -1, -1);
	assert_int_equal(turn(l, 0), 0);
	assert_true(pump_drain(&l->pump));
	assert_int_equal(l->ended + l->broken, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_pass),
		TEST(end_is_told_behind_the_last_byte),
		TEST(a_slow_reader_costs_nothing),
		TEST(a_reader_that_goes_away),
		TEST(drain_takes_what_is_there),
		TEST(nothing_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
