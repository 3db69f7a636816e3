// SPDX-License-Identifier: Apache-2.0
// A card that vhost-net serves: what the host is told, and when. The host is
// played here; guest-tests/testbed/vhost.t has a real one.
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "vmm/virtio/test/netrig.h"

#define MAX    64u
#define ALL    (3u + 2 * 7) /* messages of a start */
#define HEADER BIT(VHOST_NET_F_VIRTIO_NET_HDR)

/* What was said to the host since host.count was 0. */
struct said {
	unsigned long request;
	union {
		uint64_t features;
		struct vhost_vring_state state;
		struct vhost_vring_addr addr;
		struct vhost_vring_file file;
		struct vhost_memory_region first;
	};
};

static struct {
	struct said said[MAX];
	unsigned int count;
	unsigned int calls; /* never forgotten */
	unsigned int fail_at;
	uint64_t offers;
	bool owned;
	int backend[2];
} host;

static int answer(struct said *s)
{
	switch (s->request) {
	case VHOST_SET_OWNER:
		if (host.owned)
			return EBUSY;
		host.owned = true;
		return 0;
	case VHOST_SET_VRING_NUM:
	case VHOST_SET_VRING_BASE:
		return host.backend[s->state.index] < 0 ? 0 : EBUSY;
	case VHOST_NET_SET_BACKEND:
		host.backend[s->file.index] = s->file.fd;
		return 0;
	default:
		return host.owned ? 0 : EPERM;
	}
}

/* Instead of libc's. */
int ioctl(int fd, unsigned long request, ...)
{
	struct said *s = &host.said[host.count];
	va_list args;
	void *arg;

	(void)fd;
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == TUNSETSNDBUF)
		return 0;
	if (request == VHOST_GET_FEATURES) {
		memcpy(arg, &host.offers, sizeof(host.offers));
		return 0;
	}
	assert_in_range(host.count, 0, MAX - 1);
	host.count++;
	s->request = request;
	if (request == VHOST_SET_MEM_TABLE) {
		const struct vhost_memory *table = arg;

		assert_int_equal(table->nregions, 1);
		s->first = table->regions[0];
	} else if (_IOC_SIZE(request)) {
		memcpy(&s->features, arg, _IOC_SIZE(request));
	}
	errno = ++host.calls == host.fail_at ? ENOMEM : answer(s);
	return errno ? -1 : 0;
}

/* Vring messages, and the backend's, begin with a queue's number. */
static bool is_about(const struct said *s, unsigned long request,
		     unsigned int queue)
{
	return s->request == request &&
	       (_IOC_NR(request) < 0x10 || s->state.index == queue);
}

/* The only message of that kind. */
static const struct said *about(unsigned long request, unsigned int queue)
{
	const struct said *one = NULL;

	for (unsigned int i = 0; i < host.count; i++) {
		if (!is_about(&host.said[i], request, queue))
			continue;
		assert_null(one);
		one = &host.said[i];
	}
	return one;
}

static const struct said *found(unsigned long request, unsigned int queue)
{
	const struct said *s = about(request, queue);

	assert_non_null(s);
	return s;
}

static int setup(void **state)
{
	struct netrig *f;

	memset(&host, 0, sizeof(host));
	host.offers = ~0ull;
	host.backend[RX] = host.backend[TX] = -1;
	netrig_setup(state);
	f = *state;
	f->n.device.kick[RX] = 1001;
	f->n.device.kick[TX] = 1002;
	virtio_net_use_vhost(&f->n, eventfd(0, EFD_CLOEXEC));
	return 0;
}

static int teardown(void **state)
{
	struct netrig *f = *state;

	if (f->n.vhost.fd >= 0)
		vhost_net_close(&f->n.vhost);
	return netrig_teardown(state);
}

static void ring(struct vhost_net_event *ev)
{
	const uint64_t one = 1;

	assert_int_equal(write(ev->watch.fd, &one, sizeof(one)), sizeof(one));
}

static void hear(struct vhost_net_event *ev)
{
	ev->watch.ready(&ev->watch);
}

static void check_queue(struct netrig *f, unsigned int queue)
{
	const struct virtq *q = &f->n.device.queue[queue];
	const struct said *s = found(VHOST_SET_VRING_ADDR, queue);

	assert_ptr_equal(s->addr.desc_user_addr, f->ram + q->desc_at);
	assert_ptr_equal(s->addr.avail_user_addr, f->ram + q->avail_at);
	assert_ptr_equal(s->addr.used_user_addr, f->ram + q->used_at);
	assert_int_equal(s->addr.flags, 0);
	assert_int_equal(found(VHOST_SET_VRING_NUM, queue)->state.num, SIZE);
	assert_int_equal(found(VHOST_SET_VRING_BASE, queue)->state.num, 0);
	assert_int_equal(found(VHOST_SET_VRING_KICK, queue)->file.fd,
			 f->n.device.kick[queue]);
	assert_int_equal(found(VHOST_SET_VRING_CALL, queue)->file.fd,
			 f->n.vhost.call[queue].watch.fd);
	assert_int_equal(found(VHOST_SET_VRING_ERR, queue)->file.fd,
			 f->n.vhost.error[queue].watch.fd);
	assert_int_equal(found(VHOST_NET_SET_BACKEND, queue)->file.fd,
			 f->n.cable->fd);
}

static void test_host_gets_the_queues(void **state)
{
	struct netrig *f = *state;
	const struct said *s;

	assert_int_equal(host.count, 0);
	netrig_begin(f, MERGE);
	assert_int_equal(host.said[0].request, VHOST_SET_OWNER);
	s = found(VHOST_SET_MEM_TABLE, 0);
	assert_int_equal(s->first.guest_phys_addr, 0);
	assert_int_equal(s->first.memory_size, MEM_SIZE);
	assert_ptr_equal(s->first.userspace_addr, f->ram);
	assert_int_equal(found(VHOST_SET_FEATURES, 0)->features,
			 MERGE | HEADER);
	check_queue(f, RX);
	check_queue(f, TX);
	assert_int_equal(f->gone, 0);
}

/* What is between the driver and the card is nothing to the host. */
static void test_features_are_the_drivers(void **state)
{
	const uint64_t ring_bits =
		BIT(VIRTIO_RING_F_EVENT_IDX) | BIT(VIRTIO_RING_F_INDIRECT_DESC);

	netrig_begin(*state, ring_bits | BIT(VIRTIO_NET_F_MAC) |
				     BIT(VIRTIO_NET_F_STATUS));
	assert_int_equal(found(VHOST_SET_FEATURES, 0)->features,
			 ring_bits | HEADER);
}

static void test_reset_takes_them_back(void **state)
{
	struct netrig *f = *state;

	netrig_begin(f, MODERN);
	host.count = 0;
	virtio_set_status(&f->n.device, 0);
	assert_int_equal(host.count, 2);
	assert_int_equal(host.backend[RX], -1);
	assert_int_equal(host.backend[TX], -1);
	host.count = 0;
	/* The driver has not cleaned up; the host takes used->idx as it is. */
	f->ring[TX].used->idx = 7;
	netrig_begin(f, MODERN);
	assert_int_equal(f->ring[TX].used->idx, 0);
	assert_null(about(VHOST_SET_OWNER, 0));
	check_queue(f, RX);
	check_queue(f, TX);
	assert_int_equal(f->gone, 0);
}

static void test_moved_queue_moves_there(void **state)
{
	struct netrig *f = *state;
	struct virtq *q = &f->n.device.queue[TX];

	netrig_begin(f, MODERN);
	host.count = 0;
	virtio_disable_queue(&f->n.device, TX);
	assert_int_equal(host.backend[TX], -1);
	assert_int_equal(host.backend[RX], f->n.cable->fd);
	host.count = 0;
	q->size = SIZE;
	q->desc_at = 0x40000;
	q->avail_at = 0x44000;
	q->used_at = 0x48000;
	virtio_enable_queue(&f->n.device, TX);
	check_queue(f, TX);
}

static void test_ring_outside_memory_stays_here(void **state)
{
	static const gpa_t wrong[] = { MEM_SIZE, MEM_SIZE - 16, ~0ull << 4, 8 };
	struct netrig *f = *state;
	struct virtq *q = &f->n.device.queue[RX];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		virtio_set_status(&f->n.device, 0);
		netrig_begin(f, MODERN);
		virtio_disable_queue(&f->n.device, RX);
		host.count = 0;
		q->size = SIZE;
		q->desc_at = wrong[i];
		q->avail_at = 0x44000;
		q->used_at = 0x48000;
		virtio_enable_queue(&f->n.device, RX);
		assert_null(about(VHOST_SET_VRING_ADDR, RX));
		assert_int_equal(host.backend[RX], -1);
		assert_int_equal(f->troubles, i + 1);
	}
}

static void test_calls_are_interrupts(void **state)
{
	struct netrig *f = *state;

	netrig_begin(f, MODERN);
	ring(&f->n.vhost.call[TX]);
	hear(&f->n.vhost.call[TX]);
	hear(&f->n.vhost.call[TX]);
	assert_int_equal(f->interrupts[TX], 1);
	assert_int_equal(f->interrupts[RX], 0);
	ring(&f->n.vhost.call[RX]);
	virtio_set_status(&f->n.device, 0);
	hear(&f->n.vhost.call[RX]);
	assert_int_equal(f->interrupts[RX], 0);
}

static void test_error_breaks_the_queue(void **state)
{
	struct netrig *f = *state;

	netrig_begin(f, MODERN);
	ring(&f->n.vhost.error[RX]);
	hear(&f->n.vhost.error[RX]);
	assert_int_equal(f->troubles, 1);
	assert_false(virtio_is_live(&f->n.device));
	assert_int_equal(host.backend[RX], -1);
	assert_int_equal(host.backend[TX], -1);
	assert_int_equal(f->gone, 0);
}

/* What the driver before did is not held against the next one. */
static void test_error_is_over_with_a_reset(void **state)
{
	struct netrig *f = *state;

	netrig_begin(f, MODERN);
	ring(&f->n.vhost.error[RX]);
	virtio_set_status(&f->n.device, 0);
	netrig_begin(f, MODERN);
	hear(&f->n.vhost.error[RX]);
	assert_int_equal(f->troubles, 0);
	assert_true(virtio_is_live(&f->n.device));
}

/* Whatever the host refuses: the link goes down, once, and it has no queue. */
static void test_host_refuses(void **state)
{
	struct netrig *f;

	for (unsigned int at = 1; at <= ALL; at++) {
		if (at > 1)
			setup(state);
		f = *state;
		host.fail_at = at;
		netrig_begin(f, MODERN);
		assert_int_equal(f->gone, 1);
		assert_int_equal(f->n.error, -ENOMEM);
		assert_int_equal(f->interrupts[VIRTIO_CONFIG], 1);
		assert_int_equal(virtio_read_config(&f->n.device, 6, 2), 0);
		assert_int_equal(host.backend[RX], -1);
		assert_int_equal(host.backend[TX], -1);
		virtio_set_status(&f->n.device, 0);
		host.count = 0;
		netrig_begin(f, MODERN);
		assert_int_equal(host.count, 0);
		assert_int_equal(f->gone, 1);
		if (at < ALL)
			teardown(state);
	}
}

static void test_tap_goes_away(void **state)
{
	struct netrig *f = *state;
	int ends[2];

	netrig_begin(f, MODERN);
	netrig_come(f);
	assert_int_equal(f->gone, 0);
	/* It shows as an error, like a pipe that nobody reads. */
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	f->n.vhost.tap = ends[1];
	netrig_come(f);
	netrig_come(f);
	assert_int_equal(f->gone, 1);
	assert_int_equal(f->interrupts[VIRTIO_CONFIG], 1);
	assert_int_equal(host.backend[RX], -1);
	close(ends[1]);
}

/* A host that cannot do all of it has nothing to do: dive serves. */
static void test_host_that_is_too_old(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct netrig *f;

	teardown(state);
	netrig_setup(state);
	f = *state;
	host.offers = ~HEADER;
	virtio_net_use_vhost(&f->n, fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	netrig_begin(f, MODERN);
	assert_int_equal(host.count, 0);
	netrig_offer(f, TX, 3, 12 + 60);
	virtio_serve(&f->n.device, TX);
	assert_int_equal(netrig_returned(f, TX, NULL), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_host_gets_the_queues),
		TEST(test_features_are_the_drivers),
		TEST(test_reset_takes_them_back),
		TEST(test_moved_queue_moves_there),
		TEST(test_ring_outside_memory_stays_here),
		TEST(test_calls_are_interrupts),
		TEST(test_error_breaks_the_queue),
		TEST(test_error_is_over_with_a_reset),
		TEST(test_host_refuses),
		TEST(test_tap_goes_away),
		TEST(test_host_that_is_too_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
