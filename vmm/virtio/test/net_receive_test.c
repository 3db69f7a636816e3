// SPDX-License-Identifier: Apache-2.0
// The network card: what it receives.
#include "vmm/virtio/test/netrig.h"

static void test_frames_come_in(void **state)
{
	struct netrig *f = *state;
	const struct virtio_net_hdr_mrg_rxbuf *h;
	uint32_t size;

	netrig_begin(f, MODERN);
	netrig_offer(f, RX, 0, 2048);
	netrig_offer(f, RX, 1, 2048);
	memset(netrig_buffer(f, 0), 0xff, 2048);
	netrig_peer_sends(f, 60, 0x11);
	netrig_come(f);
	assert_int_equal(netrig_returned(f, RX, &size), 0);
	assert_int_equal(size, 72);
	h = (void *)netrig_buffer(f, 0);
	assert_int_equal(h->hdr.flags, 0);
	assert_int_equal(h->hdr.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	assert_int_equal(h->num_buffers, 1);
	assert_int_equal(netrig_buffer(f, 0)[12], 0x11);
	assert_int_equal(netrig_buffer(f, 0)[71], 0x11);
	assert_int_equal(netrig_buffer(f, 0)[72], 0xff);
	assert_int_equal(netrig_returned(f, RX, NULL), -1);
	assert_int_equal(f->interrupts[RX], 1);
}

static void test_a_frame_waits_for_a_buffer(void **state)
{
	struct netrig *f = *state;

	netrig_begin(f, MODERN);
	netrig_peer_sends(f, 60, 0x11);
	netrig_come(f);
	netrig_offer(f, RX, 0, 2048);
	virtio_serve(&f->n.device, RX);
	assert_int_equal(netrig_returned(f, RX, NULL), 0);
}

static void test_a_large_frame_takes_several_buffers(void **state)
{
	struct netrig *f = *state;
	const struct virtio_net_hdr_mrg_rxbuf *h;
	unsigned int kicks;
	uint32_t size;

	netrig_begin(f, MERGE);
	kicks = f->kicks;
	netrig_offer(f, RX, 5, 1000);
	netrig_offer(f, RX, 6, 1000);
	netrig_peer_sends(f, 2500, 0x77);
	netrig_come(f);
	/* All or nothing: a driver does not wait for the rest. */
	assert_int_equal(netrig_returned(f, RX, NULL), -1);
	assert_int_equal(f->kicks, kicks); /* nor do we, busily */
	netrig_offer(f, RX, 7, 1000);
	virtio_serve(&f->n.device, RX);
	assert_int_equal(netrig_returned(f, RX, &size), 5);
	assert_int_equal(size, 1000);
	assert_int_equal(netrig_returned(f, RX, &size), 6);
	assert_int_equal(size, 1000);
	assert_int_equal(netrig_returned(f, RX, &size), 7);
	assert_int_equal(size, 512);
	h = (void *)netrig_buffer(f, 5);
	assert_int_equal(h->num_buffers, 3);
	assert_int_equal(netrig_buffer(f, 5)[12], 0x77);
	assert_int_equal(netrig_buffer(f, 6)[0], 0x77);
	assert_int_equal(netrig_buffer(f, 7)[511], 0x77);
	assert_int_equal(netrig_buffer(f, 7)[512], 0);
}

/* Without merging it is lost; the buffer serves the next frame. */
static void test_a_frame_too_large_is_lost(void **state)
{
	struct netrig *f = *state;
	uint32_t size;

	netrig_begin(f, MODERN);
	netrig_offer(f, RX, 0, 1530);
	netrig_peer_sends(f, 1519, 1);
	netrig_peer_sends(f, 1518, 2);
	netrig_come(f);
	assert_int_equal(netrig_returned(f, RX, &size), 0);
	assert_int_equal(size, 1530);
	assert_int_equal(netrig_buffer(f, 0)[12], 2);
}

/* All that the driver can ever give is too little: lost, the rest goes on. */
static void test_a_frame_larger_than_the_queue_is_lost(void **state)
{
	struct netrig *f = *state;
	uint32_t size;

	netrig_begin(f, MERGE);
	for (unsigned int i = 0; i < 40; i++)
		netrig_offer(f, RX, i, 100);
	netrig_peer_sends(f, 7000, 1);
	netrig_come(f);
	assert_int_equal(netrig_returned(f, RX, NULL), -1);
	for (unsigned int i = 40; i < SIZE; i++)
		netrig_offer(f, RX, i % 40, 100);
	netrig_peer_sends(f, 60, 2);
	virtio_serve(&f->n.device, RX);
	virtio_serve(&f->n.device, RX); /* as kicked */
	assert_int_equal(netrig_returned(f, RX, &size), 0);
	assert_int_equal(size, 72);
	assert_int_equal(netrig_buffer(f, 0)[12], 2);
	assert_int_equal(netrig_returned(f, RX, NULL), -1);
}

static void test_a_reset_forgets_what_was_taken(void **state)
{
	struct netrig *f = *state;
	uint32_t size;

	netrig_begin(f, MERGE);
	netrig_offer(f, RX, 0, 1000);
	netrig_peer_sends(f, 1500, 3);
	netrig_come(f);
	virtio_set_status(&f->n.device, 0);
	memset(f->ram, 0, BUFFERS);
	netrig_begin(f, MERGE);
	netrig_offer(f, RX, 7, 2000);
	virtio_serve(&f->n.device, RX);
	assert_int_equal(netrig_returned(f, RX, &size), 7);
	assert_int_equal(size, 1512);
}

static void test_a_buffer_too_small_breaks_the_queue(void **state)
{
	struct netrig *f = *state;

	netrig_begin(f, MERGE);
	netrig_offer(f, RX, 0, 11);
	netrig_peer_sends(f, 60, 1);
	netrig_come(f);
	assert_int_equal(f->troubles, 1);
	assert_false(virtio_is_live(&f->n.device));
	assert_int_equal(f->gone, 0);
}

static void test_a_buffer_to_read_breaks_the_queue(void **state)
{
	struct netrig *f = *state;

	netrig_begin(f, MODERN);
	netrig_offer(f, RX, 0, 2048);
	f->ring[RX].desc[0].flags = 0;
	netrig_peer_sends(f, 60, 1);
	netrig_come(f);
	assert_int_equal(f->troubles, 1);
}

/*
 * A driver takes its queue back while chains of it are held, and gives it
 * again with fewer entries: no more are taken than there is room for.
 */
static void test_a_queue_that_shrinks(void **state)
{
	struct netrig *f = *state;
	struct virtq *q = &f->n.device.queue[RX];

	netrig_begin(f, MERGE);
	for (unsigned int i = 0; i < 8; i++)
		netrig_offer(f, RX, i, 16);
	netrig_peer_sends(f, 9000, 1);
	netrig_come(f);
	virtio_disable_queue(&f->n.device, RX);
	assert_false(q->ready);
	q->size = 4;
	q->desc_at = 0x10000;
	q->avail_at = 0x14000;
	q->used_at = 0x18000;
	f->ring[RX].avail->idx = 0;
	virtio_enable_queue(&f->n.device, RX);
	for (unsigned int i = 0; i < 300; i++) {
		f->ring[RX].avail->ring[i % 4] = (uint16_t)(i % 4);
		f->ring[RX].avail->idx++;
		virtio_serve(&f->n.device, RX);
		assert_true(f->n.in.count <= 4);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, netrig_setup, netrig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_frames_come_in),
		TEST(test_a_frame_waits_for_a_buffer),
		TEST(test_a_large_frame_takes_several_buffers),
		TEST(test_a_frame_too_large_is_lost),
		TEST(test_a_frame_larger_than_the_queue_is_lost),
		TEST(test_a_reset_forgets_what_was_taken),
		TEST(test_a_queue_that_shrinks),
		TEST(test_a_buffer_too_small_breaks_the_queue),
		TEST(test_a_buffer_to_read_breaks_the_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
