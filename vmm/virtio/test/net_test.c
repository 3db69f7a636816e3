// SPDX-License-Identifier: Apache-2.0
// The network card: what the driver sees, what it sends, the end of the cable.
#include "vmm/virtio/test/netrig.h"

static void test_driver_sees_address_and_link(void **state)
{
	struct netrig *f = *state;
	struct virtio_device *d = &f->n.device;

	assert_int_equal(virtio_read_config(d, 0, 4), 2);
	assert_int_equal(virtio_read_config(d, 4, 2), 0x700);
	assert_int_equal(virtio_read_config(d, 6, 2), VIRTIO_NET_S_LINK_UP);
	assert_int_equal(virtio_read_config(d, 8, 2), 0);
	assert_int_equal(virtio_read_config(d, 10, 2), 9000);
	assert_int_equal(virtio_read_config(d, 12, 8), 0);
	assert_true(virtio_offered(d) & BIT(VIRTIO_NET_F_MTU));
	assert_true(virtio_offered(d) & BIT(VIRTIO_NET_F_MAC));
}

static void check_sent(struct netrig *f, uint64_t features, uint32_t header)
{
	uint8_t got[128] = { 0 };

	netrig_begin(f, features);
	memset(netrig_buffer(f, 3), 0xee, header);
	memset(netrig_buffer(f, 3) + header, 0x42, 60);
	netrig_offer(f, TX, 3, header + 60);
	virtio_serve(&f->n.device, TX);
	assert_int_equal(netrig_returned(f, TX, NULL), 3);
	assert_int_equal(f->interrupts[TX], 1);
	assert_int_equal(netrig_peer_gets(f, got, sizeof(got)), 60);
	for (int i = 0; i < 60; i++)
		assert_int_equal(got[i], 0x42);
}

static void test_frames_go_out(void **state)
{
	check_sent(*state, MODERN, 12);
}

static void test_legacy_header_is_shorter(void **state)
{
	check_sent(*state, 0, 10);
}

static void test_legacy_header_with_merging(void **state)
{
	check_sent(*state, BIT(VIRTIO_NET_F_MRG_RXBUF), 12);
}

/* Frames that cannot be: lost, the card goes on. */
static void test_impossible_frames_are_lost(void **state)
{
	struct netrig *f = *state;
	uint8_t got[128] = { 0 };

	netrig_begin(f, MODERN);
	netrig_offer(f, TX, 0, 1);
	netrig_offer(f, TX, 1, 12);
	netrig_offer(f, TX, 2, 12 + ETHER_FRAME_MIN - 1);
	netrig_offer(f, TX, 3, 12 + ETHER_FRAME_MAX + 1);
	netrig_offer(f, TX, 4, 12 + ETHER_FRAME_MIN);
	virtio_serve(&f->n.device, TX);
	for (int i = 0; i < 5; i++)
		assert_int_equal(netrig_returned(f, TX, NULL), i);
	assert_int_equal(netrig_peer_gets(f, got, sizeof(got)),
			 ETHER_FRAME_MIN);
	assert_int_equal(netrig_peer_gets(f, got, sizeof(got)), 0);
	assert_int_equal(f->troubles, 0);
}

/* A peer that sleeps: the driver's buffers stay in the ring until it reads. */
static void test_a_full_cable_holds_the_driver_back(void **state)
{
	const size_t all = 40 * (4 + 60000);
	struct netrig *f = *state;
	unsigned int given = 0;
	uint8_t got[4096];
	size_t count = 0;

	netrig_begin(f, MODERN);
	for (unsigned int i = 0; i < 40; i++)
		netrig_offer(f, TX, i, 12 + 60000);
	virtio_serve(&f->n.device, TX);
	while (netrig_returned(f, TX, NULL) >= 0)
		given++;
	assert_in_range(given, 1, 39);
	assert_true(f->n.full);
	for (int rounds = 0; count < all && rounds < 10000; rounds++) {
		ssize_t n = recv(f->peer, got, sizeof(got), MSG_DONTWAIT);

		if (n > 0)
			count += (size_t)n;
		else
			netrig_come(f);
	}
	assert_int_equal(count, all);
	netrig_come(f);
	assert_false(f->n.full);
	while (netrig_returned(f, TX, NULL) >= 0)
		given++;
	assert_int_equal(given, 40);
}

static void test_the_link_goes_down(void **state)
{
	struct netrig *f = *state;
	struct virtio_device *d = &f->n.device;

	netrig_begin(f, MODERN);
	netrig_offer(f, RX, 0, 2048);
	netrig_peer_sends(f, 60, 1);
	close(f->peer);
	f->peer = -1;
	netrig_come(f);
	assert_int_equal(netrig_returned(f, RX, NULL), 0); /* the last frame */
	assert_int_equal(f->gone, 1);
	assert_int_equal(f->interrupts[VIRTIO_CONFIG], 1);
	assert_int_equal(virtio_read_config(d, 6, 2), 0);
	/* What is sent now is lost, and nobody waits for it. */
	netrig_offer(f, TX, 1, 72);
	virtio_serve(d, TX);
	assert_int_equal(netrig_returned(f, TX, NULL), 1);
	netrig_come(f);
	assert_int_equal(f->gone, 1);
}

/* Before a driver is there: the user learns it at once, the driver later. */
static void test_the_link_goes_down_unseen(void **state)
{
	struct netrig *f = *state;

	close(f->peer);
	f->peer = -1;
	netrig_come(f);
	assert_int_equal(f->gone, 1);
	assert_int_equal(f->interrupts[VIRTIO_CONFIG], 0);
	netrig_begin(f, MODERN);
	assert_int_equal(virtio_read_config(&f->n.device, 6, 2), 0);
	virtio_serve(&f->n.device, RX);
	assert_int_equal(f->gone, 1);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, netrig_setup, netrig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_driver_sees_address_and_link),
		TEST(test_frames_go_out),
		TEST(test_legacy_header_is_shorter),
		TEST(test_legacy_header_with_merging),
		TEST(test_impossible_frames_are_lost),
		TEST(test_a_full_cable_holds_the_driver_back),
		TEST(test_the_link_goes_down),
		TEST(test_the_link_goes_down_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
