// SPDX-License-Identifier: Apache-2.0
// Streams between rings and pipes, with a kernel played by the test.
// link: -lutil
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
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
#include "vmm/streams.h"

#define SIZE  16384u
#define CHUNK 4096u /* one write() */
#define TOTAL 300000u

struct fixture {
	struct streams s;
	struct ring_end kernel_out; /* producer */
	struct ring_end kernel_in;  /* consumer */
	void *memory[2];
	int out_read; /* the reader behind our stdout */
	int in_write;
	atomic_int changed;
	atomic_int lost;
};

static void on_changed(void *ctx)
{
	struct fixture *f = ctx;

	atomic_fetch_add(&f->changed, 1);
}

static void on_lost(void *ctx)
{
	struct fixture *f = ctx;

	atomic_fetch_add(&f->lost, 1);
}

static void *new_ring(struct ring_end *ours, struct ring_end *theirs)
{
	uint64_t bytes = DIVE_RING_HEADER + SIZE;
	struct dive_ring *ring = calloc(1, bytes);

	assert_non_null(ring);
	ring_format(ring, SIZE);
	assert_true(ring_attach(ours, ring, bytes));
	assert_true(ring_attach(theirs, ring, bytes));
	return ring;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int out[2], in[2];

	assert_non_null(f);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	f->s.outs = 1;
	f->s.wake_fd = -1;
	f->memory[0] = new_ring(&f->s.out[0].ring, &f->kernel_out);
	f->memory[1] = new_ring(&f->s.in.ring, &f->kernel_in);
	f->s.out[0].fd = out[1];
	f->out_read = out[0];
	f->s.in.fd = in[0];
	f->in_write = in[1];
	f->s.changed = on_changed;
	f->s.lost = on_lost;
	f->s.ctx = f;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	close(f->out_read);
	close(f->in_write);
	close(f->s.out[0].fd);
	close(f->s.in.fd);
	free(f->memory[0]);
	free(f->memory[1]);
	free(f);
	return 0;
}

/* The kernel writes all of it, waiting for space by polling. */
static void kernel_write(struct ring_end *end, const uint8_t *from,
			 uint32_t count)
{
	while (count) {
		uint8_t *to;
		uint32_t n = ring_space(end, &to);

		if (n == 0)
			continue;
		n = n < count ? n : count;
		memcpy(to, from, n);
		ring_produce(end, n);
		from += n;
		count -= n;
	}
}

static void wake_if_asked(struct fixture *f)
{
	if (ring_consumer_sleeps(&f->kernel_out) ||
	    ring_producer_sleeps(&f->kernel_in))
		streams_wake(&f->s);
}

/* Reads all from a pipe; its own thread, so that both sides move. */
struct reader {
	pthread_t thread;
	int fd;
	uint8_t bytes[TOTAL];
	size_t count;
};

static void *reader_main(void *arg)
{
	struct reader *r = arg;
	ssize_t n;

	while (r->count < TOTAL &&
	       (n = read(r->fd, r->bytes + r->count, TOTAL - r->count)) > 0)
		r->count += (size_t)n;
	return NULL;
}

static void test_flush_without_thread(void **state)
{
	struct fixture *f = *state;
	char got[8] = "";

	kernel_write(&f->kernel_out, (const uint8_t *)"hello\n", 6);
	assert_false(streams_flush(&f->s));
	assert_int_equal(read(f->out_read, got, sizeof(got)), 6);
	assert_string_equal(got, "hello\n");
	assert_int_equal(f->s.out[0].bytes, 6);
	assert_int_not_equal(f->s.first_output_ns, 0);
	assert_int_equal(f->changed, 1);
}

static void test_flush_says_when_it_would_block(void **state)
{
	struct fixture *f = *state;
	static const uint8_t zeros[SIZE];
	int limit = 200;

	do
		kernel_write(&f->kernel_out, zeros, SIZE);
	while (!streams_flush(&f->s) && --limit);
	assert_int_not_equal(limit, 0);
}

static void test_out_is_byte_exact(void **state)
{
	struct fixture *f = *state;
	struct reader *r = calloc(1, sizeof(*r));
	uint8_t *bytes = malloc(TOTAL);

	assert_non_null(r);
	assert_non_null(bytes);
	for (uint32_t i = 0; i < TOTAL; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	r->fd = f->out_read;
	pthread_create(&r->thread, NULL, reader_main, r);
	assert_int_equal(streams_start(&f->s, NULL), 0);
	for (uint32_t at = 0; at < TOTAL; at += 1000) {
		kernel_write(&f->kernel_out, bytes + at, 1000);
		wake_if_asked(f);
	}
	pthread_join(r->thread, NULL);
	streams_stop(&f->s);
	assert_int_equal(r->count, TOTAL);
	assert_memory_equal(r->bytes, bytes, TOTAL);
	free(bytes);
	free(r);
}

static void test_in_is_byte_exact_and_ends(void **state)
{
	struct fixture *f = *state;
	uint32_t got = 0;

	f->s.in.wanted = true;
	assert_int_equal(streams_start(&f->s, NULL), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(write(f->in_write, "0123456789", 10), 10);
	close(f->in_write);
	f->in_write = -1;
	while (!ring_end_of_data(&f->kernel_in)) {
		const uint8_t *from;
		uint32_t n = ring_avail(&f->kernel_in, &from);

		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(from[i], '0' + (got + i) % 10);
		ring_consume(&f->kernel_in, n);
		got += n;
		wake_if_asked(f);
	}
	streams_stop(&f->s);
	assert_int_equal(got, 100);
	assert_int_equal(f->s.in.bytes, 100);
}

static void test_input_is_left_alone_until_wanted(void **state)
{
	struct fixture *f = *state;
	struct pollfd p = { .fd = f->s.in.fd, .events = POLLIN };

	assert_int_equal(write(f->in_write, "x", 1), 1);
	assert_int_equal(streams_start(&f->s, NULL), 0);
	streams_wake(&f->s);
	usleep(20000);
	streams_stop(&f->s);
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_int_equal(f->s.in.bytes, 0);
}

static void test_lost_reader_does_not_stop_the_kernel(void **state)
{
	struct fixture *f = *state;
	static const uint8_t zeros[SIZE];

	close(f->out_read);
	f->out_read = -1;
	assert_int_equal(streams_start(&f->s, NULL), 0);
	for (int i = 0; i < 10; i++) {
		kernel_write(&f->kernel_out, zeros, SIZE);
		wake_if_asked(f);
	}
	streams_stop(&f->s);
	assert_int_equal(f->lost, 1);
	assert_true(ring_is_closed(&f->kernel_out));
}

static void test_broken_index_ends_the_stream(void **state)
{
	struct fixture *f = *state;

	__atomic_store_n(&f->kernel_out.ring->write_index, SIZE + 1,
			 __ATOMIC_RELEASE);
	assert_int_equal(streams_start(&f->s, NULL), 0);
	streams_wake(&f->s);
	usleep(20000);
	streams_stop(&f->s);
	streams_drain(&f->s, 0);
	assert_true(f->s.out[0].ring.broken);
	assert_int_equal(f->s.out[0].bytes, 0);
}

static void test_eof_closes_the_destination(void **state)
{
	struct fixture *f = *state;
	char byte;

	f->s.out[0].close_at_eof = true;
	assert_int_equal(streams_start(&f->s, NULL), 0);
	kernel_write(&f->kernel_out, (const uint8_t *)"z", 1);
	ring_set_eof(&f->kernel_out);
	streams_wake(&f->s);
	assert_int_equal(read(f->out_read, &byte, 1), 1);
	assert_int_equal(read(f->out_read, &byte, 1), 0);
	streams_stop(&f->s);
	f->s.out[0].fd = -1;
}

static void test_drain_gives_up_at_its_deadline(void **state)
{
	struct fixture *f = *state;
	static const uint8_t zeros[SIZE];

	do
		kernel_write(&f->kernel_out, zeros, SIZE);
	while (!streams_flush(&f->s));
	/* Nobody reads: without the deadline this would never return. */
	streams_drain(&f->s, clock_now_ns() + 1);
	assert_false(f->s.out[0].lost);
}

/* A terminal whose other side nobody reads makes write() wait. */
static void test_terminal_holds_nobody_up(void **state)
{
	struct fixture *f = *state;
	static const uint8_t bytes[SIZE] = "\n";
	int master, slave, pipe_fd = f->s.out[0].fd;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	f->s.out[0].fd = slave;
	for (int i = 0; i < 40; i++) {
		uint8_t *to;

		kernel_write(&f->kernel_out, bytes,
			     ring_space(&f->kernel_out, &to));
		assert_true(streams_flush(&f->s));
		streams_drain(&f->s, clock_now_ns() + 1);
	}
	assert_in_range(f->s.out[0].bytes, 1, 40 * SIZE - 1);
	close(master);
	f->s.out[0].fd = pipe_fd;
	close(slave);
}

struct pump {
	struct ring_end *end;
	atomic_bool stop;
};

static void *pump_main(void *arg)
{
	struct pump *p = arg;

	while (!atomic_load(&p->stop)) {
		uint8_t *to;

		ring_produce(p->end, ring_space(p->end, &to));
	}
	return NULL;
}

/* The ring is filled again while it is emptied, as by a second CPU. */
static void test_flush_ends_while_the_ring_is_filled(void **state)
{
	struct fixture *f = *state;
	struct pump p = { .end = &f->kernel_out };
	int pipe_fd = f->s.out[0].fd;
	pthread_t thread;

	f->s.out[0].fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_int_equal(pthread_create(&thread, NULL, pump_main, &p), 0);
	while (f->s.out[0].bytes < 1000 * SIZE) {
		uint64_t before = f->s.out[0].bytes;

		streams_flush(&f->s);
		assert_in_range(f->s.out[0].bytes - before, 0, SIZE + CHUNK);
	}
	atomic_store(&p.stop, true);
	pthread_join(thread, NULL);
	close(f->s.out[0].fd);
	f->s.out[0].fd = pipe_fd;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_flush_without_thread),
		T(test_flush_says_when_it_would_block),
		T(test_flush_ends_while_the_ring_is_filled),
		T(test_out_is_byte_exact),
		T(test_in_is_byte_exact_and_ends),
		T(test_input_is_left_alone_until_wanted),
		T(test_lost_reader_does_not_stop_the_kernel),
		T(test_broken_index_ends_the_stream),
		T(test_eof_closes_the_destination),
		T(test_drain_gives_up_at_its_deadline),
		T(test_terminal_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
