// SPDX-License-Identifier: Apache-2.0
// Rings and descriptors: what moves, when, and what is said of it.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "pisces/pump.h"

#define SIZE 4096u

/* Both ends of all three, and pipes. */
struct bench {
	struct pump p;
	struct ring_end out[PUMP_OUTS], in; /* the kernel's */
	void *ring[3];
	int to[PUMP_OUTS]; /* where output comes out */
	int from;          /* where input goes in */
};

static void attach(void **ring, struct ring_end *a, struct ring_end *b)
{
	*ring = aligned_alloc(4096, DIVE_RING_HEADER + SIZE);
	assert_non_null(*ring);
	memset(*ring, 0, DIVE_RING_HEADER + SIZE);
	ring_format(*ring, SIZE);
	assert_true(ring_attach(a, *ring, DIVE_RING_HEADER + SIZE));
	assert_true(ring_attach(b, *ring, DIVE_RING_HEADER + SIZE));
}

static void bench_open(struct bench *b)
{
	int ends[2];

	*b = (struct bench){ .from = -1 };
	for (unsigned int i = 0; i < PUMP_OUTS; i++) {
		attach(&b->ring[i], &b->p.out[i].ring, &b->out[i]);
		assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
		b->to[i] = ends[0];
		b->p.out[i].fd = ends[1];
	}
	attach(&b->ring[2], &b->p.in, &b->in);
	assert_int_equal(pipe(ends), 0);
	b->p.in_fd = ends[0];
	b->from = ends[1];
}

static void bench_close(struct bench *b)
{
	for (unsigned int i = 0; i < PUMP_OUTS; i++) {
		if (b->p.out[i].fd >= 0)
			close(b->p.out[i].fd);
		if (b->to[i] >= 0)
			close(b->to[i]);
	}
	close(b->p.in_fd);
	if (b->from >= 0)
		close(b->from);
	for (unsigned int i = 0; i < 3; i++)
		free(b->ring[i]);
}

static void say(struct ring_end *end, const char *text)
{
	uint8_t *to;

	assert_true(ring_space(end, &to) >= strlen(text));
	memcpy(to, text, strlen(text));
	ring_produce(end, (uint32_t)strlen(text));
}

static void hears(int fd, const char *text)
{
	char got[64];

	assert_int_equal(read(fd, got, sizeof(got)), strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static void test_output(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	assert_false(pump_turn(&b.p, -1, 0));
	assert_int_equal(b.p.first_output_ns, 0);
	say(&b.out[PUMP_STDOUT], "data\n");
	say(&b.out[PUMP_CONSOLE], "words");
	assert_true(pump_turn(&b.p, -1, -1));
	hears(b.to[PUMP_STDOUT], "data\n");
	hears(b.to[PUMP_CONSOLE], "words");
	assert_int_equal(b.p.out[PUMP_STDOUT].bytes, 5);
	assert_int_equal(b.p.out[PUMP_CONSOLE].last, 's');
	assert_int_not_equal(b.p.first_output_ns, 0);
	/* The end of the data is the end of the file. */
	ring_set_eof(&b.out[PUMP_STDOUT]);
	assert_false(pump_turn(&b.p, -1, 0));
	hears(b.to[PUMP_STDOUT], "");
	assert_int_equal(b.p.out[PUMP_STDOUT].fd, -1);
	bench_close(&b);
}

static void test_input(void **state)
{
	const uint8_t *from;
	struct bench b;

	(void)state;
	bench_open(&b);
	assert_int_equal(write(b.from, "typed", 5), 5);
	assert_false(pump_turn(&b.p, -1, 0)); /* nobody wants it */
	assert_true(ring_consumer_arm(&b.in));
	assert_true(pump_turn(&b.p, -1, -1));
	assert_true(pump_rings(&b.p));
	assert_int_equal(ring_avail(&b.in, &from), 5);
	assert_memory_equal(from, "typed", 5);
	ring_consume(&b.in, 5);
	ring_consumer_disarm(&b.in);
	assert_false(pump_rings(&b.p));
	close(b.from);
	b.from = -1;
	assert_true(pump_turn(&b.p, -1, -1)); /* once wanted, always */
	assert_true(ring_end_of_data(&b.in));
	assert_false(pump_turn(&b.p, -1, 0));
	assert_int_equal(b.p.in_bytes, 5);
	bench_close(&b);
}

/* A full pipe holds up nothing but itself. */
static void test_full(void **state)
{
	static const char much[4096];
	struct bench b;
	uint8_t *to;

	(void)state;
	bench_open(&b);
	while (write(b.p.out[PUMP_STDOUT].fd, much, sizeof(much)) > 0)
		;
	say(&b.out[PUMP_STDOUT], "late");
	say(&b.out[PUMP_CONSOLE], "words");
	assert_true(pump_turn(&b.p, -1, -1));
	hears(b.to[PUMP_CONSOLE], "words");
	assert_false(pump_turn(&b.p, -1, 0));
	/* A kernel that waits for room is told when there is some. */
	(void)!ring_space(&b.out[PUMP_STDOUT], &to);
	ring_produce(&b.out[PUMP_STDOUT], SIZE - 4);
	assert_true(ring_producer_arm(&b.out[PUMP_STDOUT]));
	while (read(b.to[PUMP_STDOUT], (char[4096]){ 0 }, 4096) > 0)
		;
	assert_true(pump_turn(&b.p, -1, -1));
	assert_true(pump_rings(&b.p));
	pump_drain(&b.p, 0);
	assert_int_equal(b.p.out[PUMP_STDOUT].bytes, SIZE);
	bench_close(&b);
}

static void test_reader_left(void **state)
{
	struct bench b;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	bench_open(&b);
	close(b.to[PUMP_STDOUT]);
	b.to[PUMP_STDOUT] = -1;
	close(b.p.out[PUMP_CONSOLE].fd);
	b.p.out[PUMP_CONSOLE].fd = -1;
	say(&b.out[PUMP_STDOUT], "data");
	say(&b.out[PUMP_CONSOLE], "words");
	while (pump_turn(&b.p, -1, 0))
		;
	assert_int_equal(b.p.out[PUMP_STDOUT].error, EPIPE);
	assert_true(ring_is_closed(&b.out[PUMP_STDOUT]));
	/* Nowhere is no error, and takes everything. */
	assert_int_equal(b.p.out[PUMP_CONSOLE].error, 0);
	pump_drain(&b.p, 0);
	bench_close(&b);
}

static void test_drain_has_a_deadline(void **state)
{
	static const char much[4096];
	struct bench b;

	(void)state;
	bench_open(&b);
	while (write(b.p.out[PUMP_STDOUT].fd, much, sizeof(much)) > 0)
		;
	say(&b.out[PUMP_STDOUT], "late");
	pump_drain(&b.p, clock_now_ns() + 1000000);
	assert_int_equal(b.p.out[PUMP_STDOUT].bytes, 0);
	bench_close(&b);
}

static void test_broken(void **state)
{
	struct dive_ring *ring;
	struct bench b;

	(void)state;
	bench_open(&b);
	assert_null(pump_broken(&b.p));
	ring = b.ring[PUMP_CONSOLE];
	ring->write_index = 3 * SIZE;
	assert_false(pump_turn(&b.p, -1, 0));
	assert_string_equal(pump_broken(&b.p), "console");
	say(&b.out[PUMP_STDOUT], "data");
	assert_true(pump_turn(&b.p, -1, 0));
	hears(b.to[PUMP_STDOUT], "data");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_reader_left),
		cmocka_unit_test(test_drain_has_a_deadline),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
