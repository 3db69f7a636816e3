// SPDX-License-Identifier: ISC
// Unit tests of a channel: in turn, between threads that sleep, with a vandal.
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract/lib/channel.h"
#include "contract/test/doorbell.h"

#define CALLS 20000

/* A channel, and a doorbell in each direction. */
struct rig {
	struct dive_channel channel;
	struct channel_end kernel;
	struct channel_end partner;
	sem_t to_kernel;
	sem_t to_partner;
	bool lost;
	bool wrong;
};

static int setup(void **state)
{
	static struct rig rig;

	rig = (struct rig){ .channel = { .request = 7, .reply = 3 } };
	channel_attach(&rig.partner, &rig.channel, false);
	channel_attach(&rig.kernel, &rig.channel, true);
	sem_init(&rig.to_kernel, 0, 0);
	sem_init(&rig.to_partner, 0, 0);
	*state = &rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	sem_destroy(&rig->to_kernel);
	sem_destroy(&rig->to_partner);
	return 0;
}

static void fill(struct channel_call *call, uint32_t seed)
{
	call->type = seed;
	call->nr = ~seed;
	for (uint32_t i = 0; i < 6; i++)
		call->arg[i] = (uint64_t)seed << 32 | i;
}

static bool is_filled(const struct channel_call *call, uint32_t seed)
{
	struct channel_call want;

	fill(&want, seed);
	for (uint32_t i = 0; i < 6; i++)
		if (call->arg[i] != want.arg[i])
			return false;
	return call->type == want.type && call->nr == want.nr;
}

/* Contract 12.4: what is asked arrives, and its answer. */
static void one_call(void **state)
{
	struct rig *rig = *state;
	struct channel_call ask = { 0 }, got = { 0 };

	assert_false(channel_take(&rig->partner, &got));
	fill(&ask, 5);
	assert_false(channel_post(&rig->kernel, &ask));
	assert_false(channel_poll(&rig->kernel, &ask));
	assert_true(channel_take(&rig->partner, &got));
	assert_true(is_filled(&got, 5));
	assert_false(channel_take(&rig->partner, &got));
	got.result = -ENOENT;
	got.service = 42;
	assert_false(channel_reply(&rig->partner, &got));
	assert_true(channel_poll(&rig->kernel, &ask));
	assert_int_equal(ask.result, -ENOENT);
	assert_int_equal(ask.service, 42);
}

/* Whoever sleeps is rung, and nobody else. */
static void who_is_rung(void **state)
{
	struct rig *rig = *state;
	struct channel_call call = { 0 };

	channel_partner_sleeps(&rig->partner, true);
	assert_true(channel_post(&rig->kernel, &call));
	channel_partner_sleeps(&rig->partner, false);
	assert_true(channel_take(&rig->partner, &call));
	channel_kernel_sleeps(&rig->kernel, true);
	assert_true(channel_reply(&rig->partner, &call));
	channel_kernel_sleeps(&rig->kernel, false);
	assert_true(channel_poll(&rig->kernel, &call));
	assert_false(channel_post(&rig->kernel, &call));
}

/* A side that begins anew finds nothing out, whatever was. */
static void attach_again(void **state)
{
	struct rig *rig = *state;
	struct channel_call call = { 0 };

	assert_false(channel_post(&rig->kernel, &call));
	channel_attach(&rig->partner, &rig->channel, false);
	assert_false(channel_take(&rig->partner, &call));
	channel_attach(&rig->kernel, &rig->channel, true);
	assert_false(channel_post(&rig->kernel, &call));
	assert_true(channel_take(&rig->partner, &call));
}

static bool lose(struct rig *rig)
{
	__atomic_store_n(&rig->lost, true, __ATOMIC_RELAXED);
	return false;
}

static bool wait_take(struct rig *rig, struct channel_call *call)
{
	bool there = channel_take(&rig->partner, call);

	while (!there) {
		channel_partner_sleeps(&rig->partner, true);
		there = channel_take(&rig->partner, call);
		if (!there && !doorbell_wait(&rig->to_partner))
			return lose(rig);
		channel_partner_sleeps(&rig->partner, false);
		there = there || channel_take(&rig->partner, call);
	}
	return true;
}

static bool wait_poll(struct rig *rig, struct channel_call *call)
{
	bool there = channel_poll(&rig->kernel, call);

	while (!there) {
		channel_kernel_sleeps(&rig->kernel, true);
		there = channel_poll(&rig->kernel, call);
		if (!there && !doorbell_wait(&rig->to_kernel))
			return lose(rig);
		channel_kernel_sleeps(&rig->kernel, false);
		there = there || channel_poll(&rig->kernel, call);
	}
	return true;
}

static void *serve(void *arg)
{
	struct rig *rig = arg;
	struct channel_call call;

	for (uint32_t i = 1; i <= CALLS && wait_take(rig, &call); i++) {
		if (!is_filled(&call, i))
			rig->wrong = true;
		call.result = i;
		call.service = call.arg[5];
		if (channel_reply(&rig->partner, &call))
			sem_post(&rig->to_kernel);
	}
	return NULL;
}

static void two_threads(void **state)
{
	struct rig *rig = *state;
	struct channel_call call = { 0 };
	pthread_t thread;
	uint32_t done = 0;

	assert_int_equal(pthread_create(&thread, NULL, serve, rig), 0);
	while (done < CALLS) {
		fill(&call, done + 1);
		if (channel_post(&rig->kernel, &call))
			sem_post(&rig->to_partner);
		if (!wait_poll(rig, &call))
			break;
		done++;
		if (call.result != done || call.service != call.arg[5])
			rig->wrong = true;
	}
	pthread_join(thread, NULL);
	assert_false(rig->lost);
	assert_false(rig->wrong);
	assert_int_equal(done, CALLS);
}

/* What stands in the own line is the other side's to spoil, not to use. */
static void own_line_spoilt(void **state)
{
	struct rig *rig = *state;
	struct channel_call call = { 0 };

	rig->channel.request = 12345; /* a vandal: nothing was posted */
	assert_true(channel_take(&rig->partner, &call));
	assert_false(channel_reply(&rig->partner, &call));
	assert_int_equal(rig->channel.reply, 12345);
	/* The kernel counts on from its own number. */
	rig->channel.request = 99;
	assert_false(channel_post(&rig->kernel, &call));
	assert_int_equal(rig->channel.request, rig->kernel.number);
	assert_int_not_equal(rig->channel.request, 100);
}

/* Two for each power of two, in order, and none beyond the end. */
static void buckets(void **state)
{
	(void)state;
	assert_int_equal(dive_bucket(0), 0);
	assert_int_equal(dive_bucket(2), 2);
	assert_int_equal(dive_bucket(3), 3);
	assert_int_equal(dive_bucket(4), 4);
	assert_int_equal(dive_bucket(5), 4);
	assert_int_equal(dive_bucket(6), 5);
	assert_int_equal(dive_bucket(UINT64_MAX), DIVE_BUCKETS - 1);
	for (uint64_t cycles = 1; cycles < 1 << 20; cycles++)
		assert_true(dive_bucket(cycles) >= dive_bucket(cycles - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_call, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_rung, setup, teardown),
		cmocka_unit_test_setup_teardown(attach_again, setup, teardown),
		cmocka_unit_test_setup_teardown(two_threads, setup, teardown),
		cmocka_unit_test_setup_teardown(own_line_spoilt, setup,
						teardown),
		cmocka_unit_test(buckets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
