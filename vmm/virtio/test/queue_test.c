// SPDX-License-Identifier: Apache-2.0
// Tests of the virtqueue: what a driver may do, and what it gets for the rest.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/virtio/queue.h"
#include "vmm/virtio/test/rig.h"

#define NEXT     VRING_DESC_F_NEXT
#define WRITE    VRING_DESC_F_WRITE
#define INDIRECT VRING_DESC_F_INDIRECT

struct fixture {
	struct rig rig;
	struct virtq q;
	struct iovec iov[RIG_SIZE];
	struct virtq_chain chain;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	rig_memory(&f.rig);
	f.q.size_max = RIG_SIZE;
	virtq_reset(&f.q);
	f.q.desc_at = RIG_DESC;
	f.q.avail_at = RIG_AVAIL;
	f.q.used_at = RIG_USED;
	f.q.indirect = true;
	assert_true(virtq_enable(&f.q, &f.rig.mem));
	f.chain = (struct virtq_chain){ .iov = f.iov, .max = RIG_SIZE };
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rig_free(&f->rig);
	return 0;
}

static void put(struct fixture *f, unsigned int at, uint64_t addr, uint32_t len,
		uint16_t flags, uint16_t next)
{
	rig_desc(&f->rig, at, (struct vring_desc){ addr, len, flags, next });
}

static void chains_come_in_order(void **state)
{
	struct fixture *f = *state;

	assert_false(virtq_pop(&f->q, &f->chain));
	put(f, 3, RIG_BUFFER, 16, NEXT, 7);
	put(f, 7, RIG_BUFFER + 100, 200, NEXT | WRITE, 1);
	put(f, 1, RIG_BUFFER + 500, 1, WRITE, 0);
	put(f, 9, RIG_BUFFER, 5, 0, 0);
	rig_offer(&f->rig, 3);
	rig_offer(&f->rig, 9);
	assert_true(virtq_pop(&f->q, &f->chain));
	assert_int_equal(f->chain.head, 3);
	assert_int_equal(f->chain.readable, 1);
	assert_int_equal(f->chain.writable, 2);
	assert_ptr_equal(f->iov[1].iov_base, f->rig.ram + RIG_BUFFER + 100);
	assert_int_equal(f->iov[1].iov_len, 200);
	virtq_push(&f->q, 3, 77);
	assert_int_equal(rig_used(&f->rig)->idx, 1);
	assert_int_equal(rig_used(&f->rig)->ring[0].id, 3);
	assert_int_equal(rig_used(&f->rig)->ring[0].len, 77);
	assert_true(virtq_pop(&f->q, &f->chain));
	assert_int_equal(f->chain.head, 9);
	assert_false(virtq_pop(&f->q, &f->chain));
	assert_null(f->q.broken);
}

static void indices_wrap(void **state)
{
	struct fixture *f = *state;

	put(f, 0, RIG_BUFFER, 1, 0, 0);
	for (unsigned int i = 0; i < 70000; i++) {
		rig_offer(&f->rig, 0);
		assert_true(virtq_pop(&f->q, &f->chain));
		virtq_push(&f->q, 0, 0);
	}
	assert_int_equal(rig_used(&f->rig)->idx, (uint16_t)70000);
}

static void indirect_table(void **state)
{
	struct fixture *f = *state;
	struct vring_desc table[2] = { { RIG_BUFFER, 4, NEXT, 1 },
				       { RIG_BUFFER + 4, 8, WRITE, 0 } };

	memcpy(f->rig.ram + 0x9000, table, sizeof(table));
	put(f, 0, RIG_BUFFER + 64, 3, NEXT, 1);
	put(f, 1, 0x9000, sizeof(table), INDIRECT, 0);
	rig_offer(&f->rig, 0);
	assert_true(virtq_pop(&f->q, &f->chain));
	assert_int_equal(f->chain.readable, 2);
	assert_int_equal(f->chain.writable, 1);
	assert_int_equal(f->iov[0].iov_len, 3);
}

/* One bad chain, and nothing comes ever after. */
static void refused(struct fixture *f, uint16_t head, const char *why)
{
	unsigned int used = rig_used(&f->rig)->idx;

	rig_offer(&f->rig, head);
	assert_false(virtq_pop(&f->q, &f->chain));
	assert_string_equal(f->q.broken, why);
	put(f, 15, RIG_BUFFER, 1, 0, 0);
	rig_offer(&f->rig, 15);
	assert_false(virtq_pop(&f->q, &f->chain));
	virtq_push(&f->q, head, 0);
	assert_int_equal(rig_used(&f->rig)->idx, used);
	virtq_reset(&f->q);
	assert_null(f->q.broken);
}

#define REFUSED(name, head, why, ...)                             \
	static void name(void **state)                            \
	{                                                         \
		struct fixture *f = *state;                       \
		const struct vring_desc d[] = { __VA_ARGS__ };    \
                                                                  \
		for (unsigned int i = 0; i < sizeof(d) / 16; i++) \
			rig_desc(&f->rig, i, d[i]);               \
		refused(f, head, why);                            \
	}

REFUSED(bad_head, RIG_SIZE, "a descriptor that does not exist", { 0 })
REFUSED(bad_next, 0, "a descriptor that does not exist",
	{ RIG_BUFFER, 1, NEXT, 16 })
REFUSED(loop, 0, "a chain longer than the queue", { RIG_BUFFER, 1, NEXT, 0 })
REFUSED(outside, 0, "a buffer outside memory", { RIG_MEMORY - 1, 2, 0, 0 })
REFUSED(overflow, 0, "a buffer outside memory", { UINT64_MAX - 1, 4, 0, 0 })
REFUSED(empty, 0, "a buffer outside memory", { RIG_BUFFER, 0, 0, 0 })
REFUSED(order, 0, "a readable buffer behind a writable one",
	{ RIG_BUFFER, 1, NEXT | WRITE, 1 }, { RIG_BUFFER, 1, 0, 0 })
REFUSED(table_size, 0, "an indirect table of a wrong size",
	{ 0x9000, 17, INDIRECT, 0 })
REFUSED(table_empty, 0, "an indirect table of a wrong size",
	{ 0x9000, 0, INDIRECT, 0 })
REFUSED(table_long, 0, "an indirect table of a wrong size",
	{ 0x9000, 17 * 16, INDIRECT, 0 })
REFUSED(table_outside, 0, "an indirect table outside memory",
	{ RIG_MEMORY - 8, 16, INDIRECT, 0 })
REFUSED(table_and_next, 0, "a descriptor is both indirect and chained",
	{ 0x9000, 16, INDIRECT | NEXT, 1 })
/* The table is the queue's own: its first entry is indirect again. */
REFUSED(table_in_table, 0, "an indirect table where none may be",
	{ RIG_DESC, 16, INDIRECT, 0 })

static void too_many(void **state)
{
	struct fixture *f = *state;
	struct vring_avail *avail = (void *)(f->rig.ram + RIG_AVAIL);

	avail->idx = RIG_SIZE;
	refused(f, 0, "more entries than the ring has");
}

static void indirect_not_accepted(void **state)
{
	struct fixture *f = *state;

	f->q.indirect = false;
	put(f, 0, 0x9000, 16, INDIRECT, 0);
	refused(f, 0, "an indirect table where none may be");
}

static void more_than_4_gib(void **state)
{
	struct fixture *f = *state;
	static uint8_t page[1];
	struct gmem big = { .count = 0 };

	/* Nothing touches it: an address is enough. */
	assert_int_equal(
		gmem_add(&big,
			 &(struct gmem_region){ .gpa = (uint64_t)1 << 40,
						.size = (uint64_t)1 << 33,
						.host = page },
			 NULL),
		0);
	for (unsigned int i = 0; i < 4; i++)
		put(f, i, (uint64_t)1 << 40, 0x60000000, NEXT,
		    (uint16_t)(i + 1));
	f->q.mem = &big;
	refused(f, 0, "a chain of more than 4 GiB");
}

static void enable(struct fixture *f, uint16_t size, gpa_t desc, gpa_t avail,
		   gpa_t used)
{
	virtq_reset(&f->q);
	f->q.size = size;
	f->q.desc_at = desc;
	f->q.avail_at = avail;
	f->q.used_at = used;
	assert_false(virtq_enable(&f->q, &f->rig.mem));
	assert_non_null(f->q.broken);
	assert_false(virtq_pop(&f->q, &f->chain));
	assert_false(virtq_arm(&f->q));
	virtq_push(&f->q, 0, 0);
}

static void bad_places(void **state)
{
	struct fixture *f = *state;

	enable(f, 0, RIG_DESC, RIG_AVAIL, RIG_USED);
	enable(f, 3, RIG_DESC, RIG_AVAIL, RIG_USED);
	enable(f, 32, RIG_DESC, RIG_AVAIL, RIG_USED);
	enable(f, 16, RIG_DESC + 8, RIG_AVAIL, RIG_USED);
	enable(f, 16, RIG_DESC, RIG_AVAIL + 1, RIG_USED);
	enable(f, 16, RIG_DESC, RIG_AVAIL, RIG_USED + 2);
	enable(f, 16, RIG_MEMORY - 240, RIG_AVAIL, RIG_USED);
	enable(f, 16, RIG_DESC, RIG_MEMORY - 36, RIG_USED);
	enable(f, 16, RIG_DESC, RIG_AVAIL, RIG_MEMORY - 132);
	enable(f, 16, UINT64_MAX - 15, RIG_AVAIL, RIG_USED);
}

static void interrupts_by_flag(void **state)
{
	struct fixture *f = *state;
	struct vring_avail *avail = (void *)(f->rig.ram + RIG_AVAIL);

	assert_false(virtq_wants_interrupt(&f->q));
	virtq_push(&f->q, 0, 0);
	assert_true(virtq_wants_interrupt(&f->q));
	assert_false(virtq_wants_interrupt(&f->q));
	avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	virtq_push(&f->q, 0, 0);
	assert_false(virtq_wants_interrupt(&f->q));
}

static void interrupts_by_index(void **state)
{
	struct fixture *f = *state;
	struct vring_avail *avail = (void *)(f->rig.ram + RIG_AVAIL);

	f->q.event_idx = true;
	avail->ring[RIG_SIZE] = 2; /* when the third is there */
	for (unsigned int i = 0; i < 6; i++) {
		virtq_push(&f->q, 0, 0);
		assert_int_equal(virtq_wants_interrupt(&f->q), i == 2);
	}
}

static void notifications(void **state)
{
	struct fixture *f = *state;
	uint16_t event;

	virtq_disarm(&f->q);
	assert_int_equal(rig_used(&f->rig)->flags, VRING_USED_F_NO_NOTIFY);
	assert_false(virtq_arm(&f->q));
	assert_int_equal(rig_used(&f->rig)->flags, 0);
	put(f, 0, RIG_BUFFER, 1, 0, 0);
	rig_offer(&f->rig, 0);
	assert_true(virtq_arm(&f->q));
	f->q.event_idx = true;
	assert_true(virtq_pop(&f->q, &f->chain));
	assert_false(virtq_arm(&f->q));
	memcpy(&event, &rig_used(&f->rig)->ring[RIG_SIZE], sizeof(event));
	assert_int_equal(event, 1); /* avail_event */
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(chains_come_in_order),
		T(indices_wrap),
		T(indirect_table),
		T(bad_head),
		T(bad_next),
		T(loop),
		T(outside),
		T(overflow),
		T(empty),
		T(order),
		T(table_size),
		T(table_empty),
		T(table_long),
		T(table_outside),
		T(table_and_next),
		T(table_in_table),
		T(too_many),
		T(indirect_not_accepted),
		T(more_than_4_gib),
		T(bad_places),
		T(interrupts_by_flag),
		T(interrupts_by_index),
		T(notifications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
