// SPDX-License-Identifier: ISC
// Unit tests of the byte ring: layout, wrap, hostile neighbours, states.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contract/dive/note.h"
#include "contract/test/ring_rig.h"

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
	assert_int_equal(rig_put(&rig->producer, 0, SIZE), SIZE);
	assert_int_equal(ring_space(&rig->producer, &to), 0);
	assert_int_equal(rig_take(&rig->consumer, 0, SIZE), SIZE);
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
		uint32_t n = rig_put(&rig->producer, in, 777);

		in += n;
		n = rig_take(&rig->consumer, out, 555);
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

	assert_int_equal(rig_put(&rig->producer, 0, 10), 10);
	ring_set_eof(&rig->producer);
	assert_false(ring_end_of_data(&rig->consumer));
	assert_int_equal(rig_take(&rig->consumer, 0, 10), 10);
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
	assert_int_equal(rig_put(&rig->producer, 0, SIZE), SIZE);
	assert_false(ring_consumer_arm(&rig->consumer));
	ring_consumer_disarm(&rig->consumer);
	assert_false(ring_consumer_sleeps(&rig->producer));
	assert_true(ring_producer_arm(&rig->producer));
	assert_true(ring_producer_sleeps(&rig->consumer));
	assert_int_equal(rig_take(&rig->consumer, 0, 1), 1);
	assert_false(ring_producer_arm(&rig->producer));
	ring_producer_disarm(&rig->producer);
	assert_false(ring_producer_sleeps(&rig->consumer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(attach_refuses),   RIG_TEST(empty_and_full),
		RIG_TEST(index_wraps),      RIG_TEST(hostile_producer),
		RIG_TEST(hostile_consumer), RIG_TEST(size_is_private),
		RIG_TEST(eof_and_closed),   RIG_TEST(arm_and_disarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
