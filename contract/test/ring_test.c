// SPDX-License-Identifier: ISC
// Unit tests of the byte ring: layout, wrap, hostile neighbours, two threads.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "contract/dive/note.h"
#include "contract/lib/ring.h"

#define SIZE   DIVE_RING_SIZE_MIN
#define LENGTH (DIVE_RING_HEADER + (uint64_t)SIZE)

/* Bytes that go through the ring between two threads; TSan is slow. */
#ifndef TRAFFIC
#define TRAFFIC (4u << 20)
#endif

struct rig {
	struct dive_ring *ring;
	struct ring_end producer;
	struct ring_end consumer;
};

static int setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	if (!rig)
		return -1;
	rig->ring = aligned_alloc(4096, LENGTH);
	if (!rig->ring)
		return -1;
	memset(rig->ring, 0, LENGTH);
	ring_format(rig->ring, SIZE);
	if (!ring_attach(&rig->producer, rig->ring, LENGTH) ||
	    !ring_attach(&rig->consumer, rig->ring, LENGTH))
		return -1;
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	free(rig->ring);
	free(rig);
	return 0;
}

static uint8_t pattern(uint32_t at)
{
	return (uint8_t)((at * 2654435761u) >> 24);
}

/* As many of count as fit; returns them. */
static uint32_t put(struct ring_end *end, uint32_t from, uint32_t count)
{
	uint8_t *to;
	uint32_t space = ring_space(end, &to);

	if (space > count)
		space = count;
	for (uint32_t i = 0; i < space; i++)
		to[i] = pattern(from + i);
	if (space)
		ring_produce(end, space);
	return space;
}

/* The same for reading; UINT32_MAX on a wrong byte. */
static uint32_t take(struct ring_end *end, uint32_t from, uint32_t count)
{
	const uint8_t *at;
	uint32_t avail = ring_avail(end, &at);

	if (avail > count)
		avail = count;
	for (uint32_t i = 0; i < avail; i++)
		if (at[i] != pattern(from + i))
			return UINT32_MAX;
	if (avail)
		ring_consume(end, avail);
	return avail;
}

/* Contract 8.1, 8.2: a header that is not that of a ring is refused. */
static void attach_refuses(void **state)
{
	struct rig *rig = *state;
	struct ring_end end = { .size = 77 };
	static const uint32_t sizes[] = {
		0, 1, 4095, 4097, 2048, 6144, DIVE_RING_SIZE_MAX * 2, UINT32_MAX
	};

	assert_false(ring_attach(&end, rig->ring, LENGTH - 1));
	assert_false(ring_attach(&end, rig->ring, 0));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		rig->ring->size = sizes[i];
		assert_false(ring_attach(&end, rig->ring, LENGTH));
	}
	rig->ring->size = SIZE * 2;
	assert_false(ring_attach(&end, rig->ring, LENGTH));
	rig->ring->size = SIZE;
	rig->ring->magic++;
	assert_false(ring_attach(&end, rig->ring, LENGTH));
	rig->ring->magic--;
	rig->ring->version++;
	assert_false(ring_attach(&end, rig->ring, LENGTH));
	rig->ring->version--;
	rig->ring->header = 64;
	assert_false(ring_attach(&end, rig->ring, LENGTH));
	assert_int_equal(end.size, 77);
}

static void empty_and_full(void **state)
{
	struct rig *rig = *state;
	const uint8_t *from;
	uint8_t *to;

	assert_int_equal(ring_avail(&rig->consumer, &from), 0);
	assert_int_equal(ring_space(&rig->producer, &to), SIZE);
	assert_int_equal(put(&rig->producer, 0, SIZE), SIZE);
	assert_int_equal(ring_space(&rig->producer, &to), 0);
	assert_int_equal(take(&rig->consumer, 0, SIZE), SIZE);
	assert_int_equal(ring_avail(&rig->consumer, &from), 0);
}

/* Contract 8.2: the indices pass 2^32 and nothing happens. */
static void index_wraps(void **state)
{
	struct rig *rig = *state;
	uint32_t in, out = UINT32_MAX - SIZE * 3;

	for (uint64_t at = 0; at < out; at += SIZE) {
		uint32_t n = out - at < SIZE ? (uint32_t)(out - at) : SIZE;

		ring_produce(&rig->producer, n);
		ring_consume(&rig->consumer, n);
	}
	assert_int_equal(rig->ring->write_index, out);
	in = out;
	for (int i = 0; i < 40; i++) {
		uint32_t n = put(&rig->producer, in, 777);

		in += n;
		n = take(&rig->consumer, out, 555);
		assert_int_not_equal(n, UINT32_MAX);
		out += n;
	}
	assert_true(out < SIZE * 4);
	assert_false(rig->producer.broken || rig->consumer.broken);
}

/* Contract 8.4: an impossible distance ends the ring for good. */
static void hostile_producer(void **state)
{
	static const uint32_t indices[] = { SIZE + 1, 0x7fffffff, 0x80000000,
					    UINT32_MAX };
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		const uint8_t *from;

		rig->consumer.broken = false;
		rig->ring->write_index = indices[i];
		assert_int_equal(ring_avail(&rig->consumer, &from), 0);
		assert_true(rig->consumer.broken);
		assert_true(ring_end_of_data(&rig->consumer));
		assert_false(ring_consumer_arm(&rig->consumer));
		rig->ring->write_index = 0;
		assert_int_equal(ring_avail(&rig->consumer, &from), 0);
	}
}

static void hostile_consumer(void **state)
{
	static const uint32_t indices[] = { 1, 0x7fffffff, 0x80000000,
					    UINT32_MAX - SIZE };
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		uint8_t *to;

		rig->producer.broken = false;
		rig->ring->read_index = indices[i];
		assert_int_equal(ring_space(&rig->producer, &to), 0);
		assert_true(rig->producer.broken);
		assert_true(ring_is_closed(&rig->producer));
		assert_false(ring_producer_arm(&rig->producer));
	}
}

/* The header is read once: later changes reach nobody. */
static void size_is_private(void **state)
{
	struct rig *rig = *state;
	uint8_t *to;

	rig->ring->size = UINT32_MAX;
	rig->ring->header = UINT32_MAX;
	assert_int_equal(ring_space(&rig->producer, &to), SIZE);
	assert_ptr_equal(to, (uint8_t *)rig->ring + DIVE_RING_HEADER);
}

/* Contract 8.5. */
static void eof_and_closed(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(put(&rig->producer, 0, 10), 10);
	ring_set_eof(&rig->producer);
	assert_false(ring_end_of_data(&rig->consumer));
	assert_int_equal(take(&rig->consumer, 0, 10), 10);
	assert_true(ring_end_of_data(&rig->consumer));
	assert_false(ring_consumer_arm(&rig->consumer));
	assert_false(ring_is_closed(&rig->producer));
	ring_close(&rig->consumer);
	assert_true(ring_is_closed(&rig->producer));
}

/* Contract 8.6, without threads. */
static void arm_and_disarm(void **state)
{
	struct rig *rig = *state;

	assert_false(ring_consumer_sleeps(&rig->producer));
	assert_true(ring_consumer_arm(&rig->consumer));
	assert_true(ring_consumer_sleeps(&rig->producer));
	assert_int_equal(put(&rig->producer, 0, SIZE), SIZE);
	assert_false(ring_consumer_arm(&rig->consumer));
	ring_consumer_disarm(&rig->consumer);
	assert_false(ring_consumer_sleeps(&rig->producer));
	assert_true(ring_producer_arm(&rig->producer));
	assert_true(ring_producer_sleeps(&rig->consumer));
	assert_int_equal(take(&rig->consumer, 0, 1), 1);
	assert_false(ring_producer_arm(&rig->producer));
	ring_producer_disarm(&rig->producer);
	assert_false(ring_producer_sleeps(&rig->consumer));
}

/* Two threads that sleep for real; the doorbells are semaphores. */
struct traffic {
	struct rig *rig;
	sem_t to_producer;
	sem_t to_consumer;
	bool lost;
	bool wrong;
};

/* A doorbell that does not come within ten seconds was lost. */
static bool sleep_on(sem_t *doorbell)
{
	struct timespec until;
	int rc;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	do {
		rc = sem_timedwait(doorbell, &until);
	} while (rc < 0 && errno == EINTR);
	return rc == 0;
}

/* Sizes that meet the edges of the ring in ever other ways. */
static uint32_t chunk(uint32_t *seed)
{
	*seed = *seed * 1103515245 + 12345;
	switch (*seed >> 28) {
	case 0:
		return SIZE;
	case 1:
		return 1;
	default:
		return (*seed >> 16) % 300 + 1;
	}
}

static void *produce(void *arg)
{
	struct traffic *t = arg;
	struct ring_end *end = &t->rig->producer;
	uint32_t seed = 1, at = 0;

	while (at < TRAFFIC) {
		uint32_t want = chunk(&seed);
		uint32_t n =
			put(end, at, want < TRAFFIC - at ? want : TRAFFIC - at);

		at += n;
		if (n && ring_consumer_sleeps(end))
			sem_post(&t->to_consumer);
		if (n)
			continue;
		if (ring_producer_arm(end) && !sleep_on(&t->to_producer)) {
			t->lost = true;
			break;
		}
		ring_producer_disarm(end);
	}
	ring_set_eof(end);
	if (ring_consumer_sleeps(end))
		sem_post(&t->to_consumer);
	return NULL;
}

static uint32_t consume(struct traffic *t)
{
	struct ring_end *end = &t->rig->consumer;
	uint32_t seed = 2, at = 0;

	while (!ring_end_of_data(end)) {
		uint32_t n = take(end, at, chunk(&seed));

		if (n == UINT32_MAX) {
			t->wrong = true;
			ring_close(end);
			return at;
		}
		at += n;
		if (n && ring_producer_sleeps(end))
			sem_post(&t->to_producer);
		if (n)
			continue;
		if (ring_consumer_arm(end) && !sleep_on(&t->to_consumer)) {
			t->lost = true;
			return at;
		}
		ring_consumer_disarm(end);
	}
	return at;
}

static void two_threads(void **state)
{
	struct traffic t = { .rig = *state };
	pthread_t thread;
	uint32_t got;

	sem_init(&t.to_producer, 0, 0);
	sem_init(&t.to_consumer, 0, 0);
	assert_int_equal(pthread_create(&thread, NULL, produce, &t), 0);
	got = consume(&t);
	pthread_join(thread, NULL);
	assert_false(t.lost);
	assert_false(t.wrong);
	assert_int_equal(got, TRAFFIC);
	sem_destroy(&t.to_producer);
	sem_destroy(&t.to_consumer);
}

/*
 * Contract 8.6, the race itself: while one side publishes a byte the other goes
 * to sleep. Either it sees the byte or the publisher sees it sleep. Without the
 * two fences a store buffer hides one from the other every few thousand rounds.
 */
#define ROUNDS 100000

struct race {
	struct rig *rig;
	uint32_t started;
	uint32_t finished;
	bool rang;
};

static void wait_for(const uint32_t *counter, uint32_t value)
{
	for (int spin = 0; __atomic_load_n(counter, __ATOMIC_ACQUIRE) != value;
	     spin++)
		if (spin > 1000)
			sched_yield();
}

static void *publish(void *arg)
{
	struct race *race = arg;

	for (uint32_t round = 1; round <= ROUNDS; round++) {
		wait_for(&race->started, round);
		put(&race->rig->producer, round, 1);
		race->rang = ring_consumer_sleeps(&race->rig->producer);
		__atomic_store_n(&race->finished, round, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void no_lost_doorbell(void **state)
{
	struct race race = { .rig = *state };
	struct ring_end *consumer = &race.rig->consumer;
	uint32_t lost = 0;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, publish, &race), 0);
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		bool sleeps;

		__atomic_store_n(&race.started, round, __ATOMIC_RELEASE);
		/* The other side needs some time to see it. */
		for (uint32_t i = round % 1024; i > 0; i--)
			__asm__ volatile("" ::: "memory");
		sleeps = ring_consumer_arm(consumer);
		wait_for(&race.finished, round);
		lost += sleeps && !race.rang;
		ring_consumer_disarm(consumer);
		take(consumer, round, 1);
	}
	pthread_join(thread, NULL);
	assert_int_equal(lost, 0);
}

/* A neighbour that writes anything at any time. */
struct vandal {
	struct dive_ring *ring;
	int stop;
};

static void *scribble(void *arg)
{
	struct vandal *v = arg;
	uint32_t seed = 3;

	while (!__atomic_load_n(&v->stop, __ATOMIC_RELAXED)) {
		seed = seed * 1664525 + 1013904223;
		__atomic_store_n(&v->ring->write_index,
				 seed >> 31 ? seed : seed % SIZE,
				 __ATOMIC_RELAXED);
		__atomic_store_n(&v->ring->size, seed, __ATOMIC_RELAXED);
		__atomic_store_n(&v->ring->producer_state, seed & 1,
				 __ATOMIC_RELAXED);
	}
	return NULL;
}

static void vandal_next_door(void **state)
{
	struct rig *rig = *state;
	struct vandal v = { .ring = rig->ring };
	const uint8_t *data = (uint8_t *)rig->ring + DIVE_RING_HEADER;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, scribble, &v), 0);
	for (int i = 0; i < 200000; i++) {
		const uint8_t *from;
		uint32_t n;

		rig->consumer.broken = false;
		n = ring_avail(&rig->consumer, &from);
		if (!n)
			continue;
		assert_true(from >= data && n <= SIZE &&
			    from + n <= data + SIZE);
		ring_consume(&rig->consumer, n);
	}
	__atomic_store_n(&v.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attach_refuses),   TEST(empty_and_full),
		TEST(index_wraps),      TEST(hostile_producer),
		TEST(hostile_consumer), TEST(size_is_private),
		TEST(eof_and_closed),   TEST(arm_and_disarm),
		TEST(two_threads),      TEST(no_lost_doorbell),
		TEST(vandal_next_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
