// SPDX-License-Identifier: ISC
// Unit tests of the byte ring between threads: sleep, races, a vandal.
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract/test/doorbell.h"
#include "contract/test/ring_rig.h"

/* Bytes that go through the ring between two threads; TSan is slow. */
#ifndef TRAFFIC
#define TRAFFIC (4u << 20)
#endif

/* Two threads that sleep for real; the doorbells are semaphores. */
struct traffic {
	struct rig *rig;
	sem_t to_producer;
	sem_t to_consumer;
	bool lost;
	bool wrong;
};

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
		uint32_t n = rig_put(end, at,
				     want < TRAFFIC - at ? want : TRAFFIC - at);

		at += n;
		if (n && ring_consumer_sleeps(end))
			sem_post(&t->to_consumer);
		if (n)
			continue;
		if (ring_producer_arm(end) && !doorbell_wait(&t->to_producer)) {
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
		uint32_t n = rig_take(end, at, chunk(&seed));

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
		if (ring_consumer_arm(end) && !doorbell_wait(&t->to_consumer)) {
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
		rig_put(&race->rig->producer, round, 1);
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
		rig_take(consumer, round, 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(two_threads),
		RIG_TEST(no_lost_doorbell),
		RIG_TEST(vandal_next_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
