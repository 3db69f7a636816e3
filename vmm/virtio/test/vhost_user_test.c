// SPDX-License-Identifier: Apache-2.0
// The vhost-user front end, and daemons that answer wrongly or not at all.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "vmm/virtio/vhost_user.h"

#define REPLY    5u /* version 1, and this is an answer */
#define PROTOCOL (UINT64_C(1) << 30)
#define MQ_ACK   9u

static int daemon_fd;
static struct vhost_user u;
static struct err e;

struct wire {
	uint32_t request, flags, size;
	uint64_t word[40];
};

/*
 * What the daemon will say is in the socket before it is asked: the front end
 * cannot tell, and the test needs no thread.
 */
static void answer_raw(uint32_t request, uint32_t flags, uint32_t size,
		       uint64_t value, size_t bytes)
{
	struct wire w = { request, flags, size, { value } };
	uint8_t out[sizeof(w)];

	memcpy(out, &w, 12);
	memcpy(out + 12, w.word, sizeof(w.word));
	assert_int_equal(write(daemon_fd, out, bytes), bytes);
}

static void answer(uint32_t request, uint64_t value)
{
	answer_raw(request, REPLY, 8, value, 20);
}

static int setup(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	daemon_fd = fd[0];
	u = (struct vhost_user){ .fd = fd[1], .limit_ns = 50000000 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(u.fd);
	if (daemon_fd >= 0)
		close(daemon_fd);
	return 0;
}

/* The next message of the front end; at most one descriptor with it. */
static struct wire heard(int *fd)
{
	struct wire w = { 0 };
	uint8_t in[sizeof(w)];
	char control[CMSG_SPACE(8 * sizeof(int))];
	struct iovec iov = { in, 12 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	assert_int_equal(recvmsg(daemon_fd, &msg, MSG_DONTWAIT), 12);
	memcpy(&w, in, 12);
	assert_true(w.size <= sizeof(w.word));
	if (w.size)
		assert_int_equal(read(daemon_fd, w.word, w.size), w.size);
	c = CMSG_FIRSTHDR(&msg);
	if (fd) {
		assert_non_null(c);
		assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof(int)));
		memcpy(fd, CMSG_DATA(c), sizeof(int));
	} else {
		assert_null(c);
	}
	return w;
}

static void expect(uint32_t request, uint32_t size)
{
	struct wire w = heard(NULL);

	assert_int_equal(w.request, request);
	assert_int_equal(w.size, size);
	assert_int_equal(w.flags & 3, 1);
}

/* As far as rings can be started. */
static void open_well(void)
{
	answer(1, PROTOCOL | 1);
	answer(15, UINT64_MAX);
	answer(3, 0);
	answer(17, 2);
	assert_int_equal(vhost_user_open(&u, 2, &e), 0);
	expect(1, 0);
	expect(15, 0);
	assert_int_equal(heard(NULL).word[0], MQ_ACK);
	expect(3, 0);
	expect(17, 0);
}

static void test_open(void **state)
{
	(void)state;
	open_well();
	assert_int_equal(u.features, PROTOCOL | 1);
	assert_int_equal(u.queues, 2);
}

static void test_without_acknowledgements(void **state)
{
	(void)state;
	answer(1, PROTOCOL);
	answer(15, 0);
	assert_int_equal(vhost_user_open(&u, 2, &e), 0);
	assert_int_equal(u.protocol, 0);
	/* Nobody says yes, and nobody waits for it. */
	assert_int_equal(vhost_user_set_features(&u, 1, &e), 0);
}

static void test_cannot(void **state)
{
	(void)state;
	answer(1, 1);
	assert_int_equal(vhost_user_open(&u, 2, &e), -EPROTO);
	assert_non_null(strstr(e.msg, "too old"));
	answer(1, PROTOCOL);
	answer(15, MQ_ACK);
	answer(3, 0);
	answer(17, 1);
	assert_int_equal(vhost_user_open(&u, 2, &e), -EPROTO);
	assert_non_null(strstr(e.msg, "serves 1 queues, 2 are needed"));
}

static void refused(uint32_t request, uint32_t flags, uint32_t size)
{
	answer_raw(request, flags, size, PROTOCOL, 20);
	assert_int_equal(vhost_user_open(&u, 1, &e), -EPROTO);
	assert_non_null(strstr(e.msg, "wrong answer to GET_FEATURES"));
	teardown(NULL);
	setup(NULL);
}

static void test_wrong_answers(void **state)
{
	(void)state;
	refused(2, REPLY, 8);          /* to another question */
	refused(UINT32_MAX, REPLY, 8); /* to none */
	refused(1, 1, 8);              /* not an answer */
	refused(1, REPLY + 1, 8);      /* another version */
	refused(1, UINT32_MAX, 8);
	refused(1, REPLY, 0);
	refused(1, REPLY, 7);
	refused(1, REPLY, 9);
	refused(1, REPLY, UINT32_MAX);
}

/* A word more with each byte, but never a whole answer. */
static void test_short_answers(void **state)
{
	(void)state;
	for (size_t n = 0; n < 20; n++) {
		if (n)
			answer_raw(1, REPLY, 8, PROTOCOL, n);
		assert_int_equal(vhost_user_open(&u, 1, &e), -ETIMEDOUT);
		assert_non_null(strstr(e.msg, "does not answer GET_FEATURES"));
		teardown(NULL);
		setup(NULL);
		answer_raw(1, REPLY, 8, PROTOCOL, n);
		close(daemon_fd);
		daemon_fd = -1;
		assert_int_equal(vhost_user_open(&u, 1, &e), -ECONNRESET);
		assert_non_null(strstr(e.msg, "ended before"));
		teardown(NULL);
		setup(NULL);
		u.limit_ns = 2000000;
	}
}

static void test_descriptors(void **state)
{
	uint32_t head[5] = { 1, REPLY, 8, 1u << 30, 0 };
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { head, sizeof(head) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int last = dup(0);

	(void)state;
	close(last);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	assert_int_equal(sendmsg(daemon_fd, &msg, 0), sizeof(head));
	assert_int_equal(vhost_user_open(&u, 1, &e), -EPROTO);
	assert_non_null(strstr(e.msg, "descriptors"));
	/* And none of them stayed here. */
	assert_int_equal(dup(0), last);
	close(last);
}

static void test_refusal(void **state)
{
	(void)state;
	open_well();
	answer(2, 1);
	assert_int_equal(vhost_user_set_features(&u, 1, &e), -EPROTO);
	assert_non_null(strstr(e.msg, "refuses SET_FEATURES"));
}

static void test_memory(void **state)
{
	const struct vhost_user_region r = { 0x1000, 0x2000, 0, 0x3000 };
	struct wire w;
	int fd = -1;

	(void)state;
	open_well();
	answer(5, 0);
	assert_int_equal(vhost_user_set_memory(&u, &r, 1, &e), 0);
	w = heard(&fd);
	close(fd);
	assert_int_equal(w.request, 5);
	assert_int_equal(w.size, 8 + 32);
	assert_int_equal(w.word[0], 1);
	assert_int_equal(w.word[1], 0x1000);
	assert_int_equal(w.word[2], 0x2000);
	assert_int_equal(w.word[3], 0x1000); /* no address of ours */
	assert_int_equal(w.word[4], 0x3000);
}

static void test_ring(void **state)
{
	struct vhost_user_ring r = {
		.size = 128, .desc = 0x1000, .avail = 0x2000, .used = 0x3000
	};
	int kick = -1, call = -1;
	struct wire w;

	(void)state;
	open_well();
	r.kick = eventfd(1, 0);
	r.call = eventfd(2, 0);
	answer(8, 0);
	answer(10, 0);
	answer(9, 0);
	answer(13, 0);
	answer(12, 0);
	answer(18, 0);
	assert_int_equal(vhost_user_start_ring(&u, 1, &r, &e), 0);
	assert_int_equal(heard(NULL).word[0], 1 | (uint64_t)128 << 32);
	assert_int_equal(heard(NULL).word[0], 1); /* base 0 */
	w = heard(NULL);
	assert_int_equal(w.size, 40);
	assert_int_equal(w.word[1], 0x1000);
	assert_int_equal(w.word[2], 0x3000);
	assert_int_equal(w.word[3], 0x2000);
	assert_int_equal(heard(&call).word[0], 1);
	assert_int_equal(heard(&kick).word[0], 1);
	assert_int_equal(heard(NULL).word[0], 1 | (uint64_t)1 << 32);
	assert_int_equal(read(call, &w.word[0], 8), 8);
	assert_int_equal(w.word[0], 2);
	close(call);
	close(kick);
	close(r.call);
	close(r.kick);
	answer(11, 1 | (uint64_t)77 << 32);
	assert_int_equal(vhost_user_stop_ring(&u, 1, &e), 0);
	answer(11, 0);
	assert_int_equal(vhost_user_stop_ring(&u, 1, &e), -EPROTO);
}

/* A daemon that reads nothing must not block us for ever. */
static void test_deaf(void **state)
{
	int rc = 0;

	(void)state;
	answer(1, PROTOCOL);
	answer(15, 0);
	assert_int_equal(vhost_user_open(&u, 1, &e), 0);
	for (int i = 0; i < 100000 && !rc; i++)
		rc = vhost_user_set_features(&u, 1, &e);
	assert_int_equal(rc, -ETIMEDOUT);
	assert_non_null(strstr(e.msg, "does not read SET_FEATURES"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_open),          TEST(test_without_acknowledgements),
		TEST(test_cannot),        TEST(test_wrong_answers),
		TEST(test_short_answers), TEST(test_descriptors),
		TEST(test_refusal),       TEST(test_memory),
		TEST(test_ring),          TEST(test_deaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
