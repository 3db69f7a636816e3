// SPDX-License-Identifier: Apache-2.0
// The front end of vhost-user (QEMU docs/interop/vhost-user.rst).
#include "vmm/virtio/vhost_user.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/vhost_types.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/clock.h"

#define NS_PER_MS 1000000u

/* Flags of a message: version 1, and: */
#define VERSION    1u
#define REPLY      (1u << 2)
#define NEED_REPLY (1u << 3)

/* A virtio feature, and those of the protocol that it opens. */
#define F_PROTOCOL         (UINT64_C(1) << 30)
#define PROTOCOL_MQ        (UINT64_C(1) << 0)
#define PROTOCOL_REPLY_ACK (UINT64_C(1) << 3)

enum request {
	GET_FEATURES = 1,
	SET_FEATURES = 2,
	SET_OWNER = 3,
	SET_MEM_TABLE = 5,
	SET_VRING_NUM = 8,
	SET_VRING_ADDR = 9,
	SET_VRING_BASE = 10,
	GET_VRING_BASE = 11,
	SET_VRING_KICK = 12,
	SET_VRING_CALL = 13,
	GET_PROTOCOL_FEATURES = 15,
	SET_PROTOCOL_FEATURES = 16,
	GET_QUEUE_NUM = 17,
	SET_VRING_ENABLE = 18,
};

static const char *const names[] = {
	[GET_FEATURES] = "GET_FEATURES",
	[SET_FEATURES] = "SET_FEATURES",
	[SET_OWNER] = "SET_OWNER",
	[SET_MEM_TABLE] = "SET_MEM_TABLE",
	[SET_VRING_NUM] = "SET_VRING_NUM",
	[SET_VRING_ADDR] = "SET_VRING_ADDR",
	[SET_VRING_BASE] = "SET_VRING_BASE",
	[GET_VRING_BASE] = "GET_VRING_BASE",
	[SET_VRING_KICK] = "SET_VRING_KICK",
	[SET_VRING_CALL] = "SET_VRING_CALL",
	[GET_PROTOCOL_FEATURES] = "GET_PROTOCOL_FEATURES",
	[SET_PROTOCOL_FEATURES] = "SET_PROTOCOL_FEATURES",
	[GET_QUEUE_NUM] = "GET_QUEUE_NUM",
	[SET_VRING_ENABLE] = "SET_VRING_ENABLE",
};

struct header {
	uint32_t request;
	uint32_t flags;
	uint32_t size;
};

struct mem_region {
	uint64_t gpa;
	uint64_t size;
	uint64_t front_end; /* the same address as rings give it */
	uint64_t offset;
};

/* A message, and what goes with it. */
struct message {
	struct header head;
	union {
		uint64_t u64;
		struct vhost_vring_state state;
		struct vhost_vring_addr addr;
		struct {
			uint32_t count;
			uint32_t padding;
			struct mem_region region[VHOST_USER_REGIONS_MAX];
		} mem;
	} body;
	int fds[VHOST_USER_REGIONS_MAX];
	unsigned int fd_count;
};

static int broken(struct err *e, const struct message *m, int error,
		  const char *what)
{
	return err_set(e, -error, "the vhost-user daemon %s %s", what,
		       names[m->head.request]);
}

static int gone(struct err *e, const struct message *m)
{
	return broken(e, m, ECONNRESET, "ended before it answered");
}

static int send_message(const struct vhost_user *u, const struct message *m,
			struct err *e)
{
	struct iovec iov[] = {
		{ (void *)(uintptr_t)&m->head, sizeof(m->head) },
		{ (void *)(uintptr_t)&m->body, m->head.size },
	};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(m->fds))];
	} control = { .bytes = { 0 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	size_t fds_size = m->fd_count * sizeof(m->fds[0]);
	ssize_t n;

	if (fds_size) {
		struct cmsghdr *c;

		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(fds_size);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(fds_size);
		memcpy(CMSG_DATA(c), m->fds, fds_size);
	}
	/*
	 * So little fits, unless the daemon has read nothing for long.
	 * syscall: sendmsg
	 */
	do
		n = sendmsg(u->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)(sizeof(m->head) + m->head.size))
		return 0;
	if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
		return gone(e, m);
	return broken(e, m, ETIMEDOUT, "does not read");
}

/* Wait until there is something to read. */
static int wait_readable(const struct vhost_user *u, const struct message *m,
			 uint64_t deadline_ns, struct err *e)
{
	for (;;) {
		struct pollfd p = { .fd = u->fd, .events = POLLIN };
		uint64_t now = clock_now_ns();
		int ms = now < deadline_ns
				 ? (int)((deadline_ns - now) / NS_PER_MS) + 1
				 : 0;

		if (poll(&p, 1, ms) == 1)
			return 0;
		if (ms == 0)
			return broken(e, m, ETIMEDOUT, "does not answer");
	}
}

/*
 * Descriptors find no room: the kernel drops them and says so.
 * syscall: poll, recvmsg
 */
static int receive(const struct vhost_user *u, const struct message *m,
		   void *to, size_t size, uint64_t deadline_ns, struct err *e)
{
	while (size) {
		struct iovec iov = { to, size };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
		int rc = wait_readable(u, m, deadline_ns, e);
		ssize_t n;

		if (rc)
			return rc;
		n = recvmsg(u->fd, &msg, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return gone(e, m);
		if (msg.msg_flags & MSG_CTRUNC)
			return broken(e, m, EPROTO,
				      "sent descriptors in its answer to");
		to = (char *)to + n;
		size -= (size_t)n;
	}
	return 0;
}

/* Send, and take an answer of @size bytes into the body. */
static int ask(const struct vhost_user *u, struct message *m, uint32_t size,
	       struct err *e)
{
	uint64_t deadline_ns =
		u->until_ns ? u->until_ns : clock_now_ns() + u->limit_ns;
	struct header answer;
	int rc = send_message(u, m, e);

	if (!rc)
		rc = receive(u, m, &answer, sizeof(answer), deadline_ns, e);
	if (rc)
		return rc;
	if (answer.request != m->head.request || answer.size != size ||
	    (answer.flags & ~NEED_REPLY) != (VERSION | REPLY))
		return broken(e, m, EPROTO, "gave a wrong answer to");
	return receive(u, m, &m->body, size, deadline_ns, e);
}

/* Send, and wait for a yes if the daemon can say it. */
static int tell(const struct vhost_user *u, struct message *m, struct err *e)
{
	int rc;

	if (!(u->protocol & PROTOCOL_REPLY_ACK))
		return send_message(u, m, e);
	m->head.flags |= NEED_REPLY;
	rc = ask(u, m, sizeof(m->body.u64), e);
	if (!rc && m->body.u64)
		return broken(e, m, EPROTO, "refuses");
	return rc;
}

static struct message message(enum request request, uint32_t size)
{
	return (struct message){ .head = { request, VERSION, size } };
}

static int get_u64(const struct vhost_user *u, enum request request,
		   uint64_t *ret, struct err *e)
{
	struct message m = message(request, 0);
	int rc = ask(u, &m, sizeof(m.body.u64), e);

	*ret = m.body.u64;
	return rc;
}

static int set_u64(const struct vhost_user *u, enum request request,
		   uint64_t value, struct err *e)
{
	struct message m = message(request, sizeof(m.body.u64));

	m.body.u64 = value;
	return tell(u, &m, e);
}

static int set_state(const struct vhost_user *u, enum request request,
		     unsigned int queue, unsigned int value, struct err *e)
{
	struct message m = message(request, sizeof(m.body.state));

	m.body.state.index = queue;
	m.body.state.num = value;
	return tell(u, &m, e);
}

static int set_fd(const struct vhost_user *u, enum request request,
		  unsigned int queue, int fd, struct err *e)
{
	struct message m = message(request, sizeof(m.body.u64));

	m.body.u64 = queue;
	m.fds[m.fd_count++] = fd;
	return tell(u, &m, e);
}

/* Without the protocol features rings could not be enabled one by one. */
static int agree(struct vhost_user *u, struct err *e)
{
	uint64_t offered;
	int rc;

	if (!(u->features & F_PROTOCOL))
		return err_set(e, -EPROTO,
			       "the vhost-user daemon is too old: it has no "
			       "protocol features");
	rc = get_u64(u, GET_PROTOCOL_FEATURES, &offered, e);
	if (rc)
		return rc;
	offered &= PROTOCOL_MQ | PROTOCOL_REPLY_ACK;
	rc = set_u64(u, SET_PROTOCOL_FEATURES, offered, e);
	u->protocol = offered;
	return rc;
}

int vhost_user_open(struct vhost_user *u, unsigned int queues, struct err *e)
{
	struct message owner = message(SET_OWNER, 0);
	int rc;

	u->protocol = 0;
	u->queues = queues;
	rc = get_u64(u, GET_FEATURES, &u->features, e);
	if (!rc)
		rc = agree(u, e);
	if (!rc)
		rc = tell(u, &owner, e);
	if (!rc && (u->protocol & PROTOCOL_MQ))
		rc = get_u64(u, GET_QUEUE_NUM, &u->queues, e);
	if (!rc && u->queues < queues)
		return err_set(e, -EPROTO,
			       "the vhost-user daemon serves %" PRIu64
			       " queues, %u are needed",
			       u->queues, queues);
	return rc;
}

int vhost_user_set_memory(const struct vhost_user *u,
			  const struct vhost_user_region *region,
			  unsigned int count, struct err *e)
{
	struct message m =
		message(SET_MEM_TABLE,
			8 + count * (uint32_t)sizeof(m.body.mem.region[0]));

	assert(count <= VHOST_USER_REGIONS_MAX);
	m.body.mem.count = count;
	m.fd_count = count;
	for (unsigned int i = 0; i < count; i++) {
		m.body.mem.region[i] = (struct mem_region){
			.gpa = region[i].gpa,
			.size = region[i].size,
			.front_end = region[i].gpa,
			.offset = region[i].offset,
		};
		m.fds[i] = region[i].fd;
	}
	return tell(u, &m, e);
}

int vhost_user_set_features(const struct vhost_user *u, uint64_t features,
			    struct err *e)
{
	return set_u64(u, SET_FEATURES, features | F_PROTOCOL, e);
}

/* The call descriptor before the kick: that one starts the ring. */
int vhost_user_start_ring(const struct vhost_user *u, unsigned int queue,
			  const struct vhost_user_ring *ring, struct err *e)
{
	struct message addr = message(SET_VRING_ADDR, sizeof(addr.body.addr));
	int rc = set_state(u, SET_VRING_NUM, queue, ring->size, e);

	addr.body.addr = (struct vhost_vring_addr){
		.index = queue,
		.desc_user_addr = ring->desc,
		.used_user_addr = ring->used,
		.avail_user_addr = ring->avail,
	};
	if (!rc)
		rc = set_state(u, SET_VRING_BASE, queue, 0, e);
	if (!rc)
		rc = tell(u, &addr, e);
	if (!rc)
		rc = set_fd(u, SET_VRING_CALL, queue, ring->call, e);
	if (!rc)
		rc = set_fd(u, SET_VRING_KICK, queue, ring->kick, e);
	if (!rc)
		rc = set_state(u, SET_VRING_ENABLE, queue, 1, e);
	return rc;
}

int vhost_user_stop_ring(const struct vhost_user *u, unsigned int queue,
			 struct err *e)
{
	struct message m = message(GET_VRING_BASE, sizeof(m.body.state));
	int rc;

	m.body.state.index = queue;
	rc = ask(u, &m, sizeof(m.body.state), e);
	if (!rc && m.body.state.index != queue)
		return broken(e, &m, EPROTO, "gave a wrong answer to");
	return rc;
}
