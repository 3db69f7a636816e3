// SPDX-License-Identifier: Apache-2.0
// Frames over a stream socket, with a peer played by the test.
// link: -Wl,--wrap=send
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "vmm/net/ether.h"

struct fixture {
	struct ether *cable;
	int peer;
};

/* What was asked of the socket. */
static size_t sent[8];
static unsigned int sends;

ssize_t __real_send(int fd, const void *bytes, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags);

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags)
{
	sent[sends++ % 8] = size;
	return __real_send(fd, bytes, size, flags);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2];

	assert_non_null(f);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->peer = pair[1];
	assert_int_equal(ether_stream(pair[0], &f->cable, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ether_close(f->cable);
	if (f->peer >= 0)
		close(f->peer);
	free(f);
	return 0;
}

static void peer_writes(struct fixture *f, const void *bytes, size_t size)
{
	assert_int_equal(write(f->peer, bytes, size), size);
}

static void peer_announces(struct fixture *f, uint32_t size)
{
	uint32_t be = htonl(size);

	peer_writes(f, &be, sizeof(be));
}

static void expect(struct fixture *f, const void *bytes, size_t size)
{
	const uint8_t *frame;
	size_t got;

	assert_int_equal(ether_peek(f->cable, &frame, &got), 0);
	assert_int_equal(got, size);
	assert_memory_equal(frame, bytes, size);
}

static int peek(struct fixture *f)
{
	const uint8_t *frame;
	size_t size;

	return ether_peek(f->cable, &frame, &size);
}

static void fill(uint8_t *bytes, size_t size, unsigned int seed)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 7 + seed);
}

static void test_frames_come_one_by_one(void **state)
{
	struct fixture *f = *state;
	uint8_t a[60], b[1514];

	fill(a, sizeof(a), 1);
	fill(b, sizeof(b), 2);
	assert_int_equal(peek(f), -EAGAIN);
	peer_announces(f, sizeof(a));
	peer_writes(f, a, sizeof(a));
	peer_announces(f, sizeof(b));
	peer_writes(f, b, sizeof(b));
	expect(f, a, sizeof(a));
	expect(f, a, sizeof(a)); /* still there */
	ether_drop(f->cable);
	expect(f, b, sizeof(b));
	ether_drop(f->cable);
	assert_int_equal(peek(f), -EAGAIN);
	ether_drop(f->cable); /* of nothing */
}

static void test_a_frame_may_come_in_single_bytes(void **state)
{
	struct fixture *f = *state;
	uint32_t be = htonl(ETHER_FRAME_MIN);
	uint8_t record[4 + ETHER_FRAME_MIN];

	fill(record, sizeof(record), 3);
	memcpy(record, &be, sizeof(be));
	for (size_t i = 0; i < sizeof(record); i++) {
		assert_int_equal(peek(f), -EAGAIN);
		peer_writes(f, record + i, 1);
	}
	expect(f, record + 4, ETHER_FRAME_MIN);
}

static void test_largest_frames_do_not_run_over(void **state)
{
	static uint8_t frame[ETHER_FRAME_MAX];
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 9; i++) {
		fill(frame, sizeof(frame), i);
		peer_announces(f, sizeof(frame));
		peer_writes(f, frame, 1000);
		assert_int_equal(peek(f), -EAGAIN);
		peer_writes(f, frame + 1000, sizeof(frame) - 1000);
		expect(f, frame, sizeof(frame));
		ether_drop(f->cable);
	}
}

/* A peer that is out of step stays out of step: nothing more is believed. */
static void check_refused(struct fixture *f, uint32_t size)
{
	uint8_t frame[60] = { 0 };

	peer_announces(f, size);
	assert_int_equal(peek(f), -EPROTO);
	peer_announces(f, sizeof(frame));
	peer_writes(f, frame, sizeof(frame));
	assert_int_equal(peek(f), -EPROTO);
	ether_drop(f->cable);
	assert_int_equal(peek(f), -EPROTO);
	assert_int_equal(ether_flush(f->cable), -EPROTO);
}

static void test_size_0_is_refused(void **state)
{
	check_refused(*state, 0);
}

static void test_short_frame_is_refused(void **state)
{
	check_refused(*state, ETHER_FRAME_MIN - 1);
}

static void test_long_frame_is_refused(void **state)
{
	check_refused(*state, ETHER_FRAME_MAX + 1);
}

static void test_huge_frame_is_refused(void **state)
{
	check_refused(*state, UINT32_MAX);
}

static void test_end_is_noticed_behind_the_last_frame(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[64];

	fill(frame, sizeof(frame), 5);
	peer_announces(f, sizeof(frame));
	peer_writes(f, frame, sizeof(frame));
	peer_announces(f, 100); /* and dies in the middle */
	close(f->peer);
	f->peer = -1;
	expect(f, frame, sizeof(frame));
	ether_drop(f->cable);
	assert_int_equal(peek(f), -ENOTCONN);
	assert_int_equal(peek(f), -ENOTCONN);
}

static int put(struct fixture *f, const uint8_t *frame, size_t size)
{
	struct iovec v[3] = {
		{ (void *)(uintptr_t)frame, 5 },
		{ (void *)(uintptr_t)(frame + 5), 0 },
		{ (void *)(uintptr_t)(frame + 5), size - 5 },
	};

	if (!ether_room(f->cable))
		return -EAGAIN;
	return ether_send(f->cable, v, 3, size);
}

static void check_record(struct fixture *f, const uint8_t *frame, size_t size)
{
	static uint8_t got[4 + ETHER_FRAME_MAX];
	uint32_t be;

	assert_int_equal(recv(f->peer, got, 4 + size, MSG_WAITALL), 4 + size);
	memcpy(&be, got, sizeof(be));
	assert_int_equal(ntohl(be), size);
	assert_memory_equal(got + 4, frame, size);
}

static void test_pieces_become_one_record(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[100];

	fill(frame, sizeof(frame), 6);
	assert_int_equal(put(f, frame, sizeof(frame)), 0);
	assert_int_equal(ether_flush(f->cable), 0);
	check_record(f, frame, sizeof(frame));
}

/* A peer that does not read: bounded, nothing is torn, all goes on later. */
static void test_peer_that_does_not_read(void **state)
{
	static uint8_t frame[ETHER_FRAME_MAX];
	struct fixture *f = *state;
	unsigned int taken = 0;
	int rc = 0;

	while (taken < 1000) {
		fill(frame, sizeof(frame) - taken, taken);
		rc = put(f, frame, sizeof(frame) - taken);
		if (rc)
			break;
		taken++;
	}
	assert_int_equal(rc, -EAGAIN);
	assert_int_equal(ether_flush(f->cable), -EAGAIN);
	assert_in_range(taken, 2, 100);
	for (unsigned int i = 0; i < taken; i++) {
		fill(frame, sizeof(frame) - i, i);
		check_record(f, frame, sizeof(frame) - i);
		rc = ether_flush(f->cable);
		assert_true(rc == 0 || rc == -EAGAIN);
	}
	assert_int_equal(rc, 0);
	fill(frame, 60, 9);
	assert_int_equal(put(f, frame, 60), 0);
	assert_int_equal(ether_flush(f->cable), 0);
	check_record(f, frame, 60);
}

/* One send() has whole frames, as many as Linux takes at once. */
static void test_frames_are_sent_whole(void **state)
{
	static uint8_t frame[65534]; /* of an MTU of 65520 */
	struct fixture *f = *state;

	sends = 0;
	assert_int_equal(put(f, frame, 60), 0);
	assert_int_equal(put(f, frame, 1514), 0);
	assert_int_equal(put(f, frame, 60), 0);
	assert_int_equal(put(f, frame, sizeof(frame)), 0);
	assert_int_equal(ether_flush(f->cable), 0);
	assert_int_equal(sends, 2);
	assert_int_equal(sent[0], 64 + 1518 + 64);
	assert_int_equal(sent[1], 4 + sizeof(frame));
}

/* SIGPIPE would end the test. */
static void test_peer_that_has_gone(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[60] = { 0 };

	close(f->peer);
	f->peer = -1;
	assert_int_equal(put(f, frame, sizeof(frame)), 0);
	assert_int_equal(ether_flush(f->cable), -EPIPE);
	assert_int_equal(put(f, frame, sizeof(frame)), -EPIPE);
	assert_int_equal(peek(f), -EPIPE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_frames_come_one_by_one),
		TEST(test_a_frame_may_come_in_single_bytes),
		TEST(test_largest_frames_do_not_run_over),
		TEST(test_size_0_is_refused),
		TEST(test_short_frame_is_refused),
		TEST(test_long_frame_is_refused),
		TEST(test_huge_frame_is_refused),
		TEST(test_end_is_noticed_behind_the_last_frame),
		TEST(test_pieces_become_one_record),
		TEST(test_peer_that_does_not_read),
		TEST(test_frames_are_sent_whole),
		TEST(test_peer_that_has_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
