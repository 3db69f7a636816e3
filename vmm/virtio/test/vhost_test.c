// SPDX-License-Identifier: Apache-2.0
// A file system device whose daemon is played here: it answers in any order,
// wrongly, or dies; the driver must get every request back once.
#include <errno.h>
#include <linux/fuse.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "vmm/virtio/fs.h"

#define SIZE    8u
#define DESC    0x1000u
#define AVAIL   0x2000u
#define USED    0x3000u
#define BUFFERS 0x8000u
#define RAM     0x10000u
#define V1      (UINT64_C(1) << VIRTIO_F_VERSION_1)
#define REQUEST 1 /* the queue that the tests use */

static uint8_t ram[RAM] __attribute__((aligned(4096)));
static struct gmem mem;
static struct fs fs;
static struct virtio_device *d = &fs.vhost.dev;
static struct vhost_queue *q = &fs.vhost.queue[REQUEST];
static struct vring_desc *desc = (struct vring_desc *)(void *)(ram + DESC);
static struct vring_avail *avail = (struct vring_avail *)(void *)(ram + AVAIL);
static struct vring_used *used = (struct vring_used *)(void *)(ram + USED);
static int daemon_fd, socket_fd;
static unsigned int interrupts, losses, troubles;
static char why[200];

static void on_interrupt(void *transport, unsigned int queue)
{
	(void)transport;
	(void)queue;
	interrupts++;
}

static void on_kick(void *ctx, struct virtio_device *dev, unsigned int queue)
{
	(void)ctx;
	(void)dev;
	(void)queue; /* the tests call virtio_serve() */
}

static void on_live(void *ctx, struct virtio_device *dev, bool on)
{
	(void)ctx;
	(void)dev;
	(void)on;
}

static void on_trouble(void *ctx, struct virtio_device *dev, unsigned int queue,
		       const char *what)
{
	(void)ctx;
	(void)dev;
	(void)queue;
	(void)what;
	troubles++;
}

static void on_lost(void *ctx, struct vhost *v, const char *reason)
{
	(void)ctx;
	(void)v;
	losses++;
	strncpy(why, reason, sizeof(why) - 1);
}

static void answer(uint32_t request, uint64_t value)
{
	uint32_t m[] = { request, 5, 8, (uint32_t)value,
			 (uint32_t)(value >> 32) };

	assert_int_equal(write(daemon_fd, m, sizeof(m)), sizeof(m));
}

static void drive(void)
{
	const uint8_t driver =
		VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	struct virtq *vq = &d->queue[REQUEST];

	memset(ram, 0, sizeof(ram));
	virtio_set_status(d, driver);
	virtio_accept(d, 1, V1 >> 32);
	virtio_set_status(d, driver | VIRTIO_CONFIG_S_FEATURES_OK);
	vq->size = SIZE;
	vq->desc_at = DESC;
	vq->avail_at = AVAIL;
	vq->used_at = USED;
	virtio_enable_queue(d, REQUEST);
	virtio_set_status(d, driver | VIRTIO_CONFIG_S_FEATURES_OK |
				     VIRTIO_CONFIG_S_DRIVER_OK);
	assert_true(virtio_is_live(d));
}

static int setup(void **state)
{
	const struct gmem_region r = { .size = RAM, .host = ram };
	const struct vhost_user_region shared = { 0, RAM, 0, 0 };
	int fd[2];

	(void)state;
	interrupts = losses = troubles = 0;
	memset(&mem, 0, sizeof(mem));
	assert_int_equal(gmem_add(&mem, &r, NULL), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	daemon_fd = fd[0];
	socket_fd = fd[1];
	fs_init(&fs, &mem, "tag");
	fs.vhost.lost = on_lost;
	d->interrupt = on_interrupt;
	d->host = (struct virtio_host){ on_kick, on_live, on_trouble, NULL };
	answer(1, V1 | UINT64_C(1) << 30);
	answer(15, 0);
	assert_int_equal(vhost_connect(&fs.vhost, socket_fd, &shared, 1, NULL),
			 0);
	fs.vhost.link.limit_ns = 20000000;
	drive();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vhost_free(&fs.vhost);
	close(daemon_fd);
	close(socket_fd);
	return 0;
}

/* Request @i: a FUSE header to read, room for an answer to write. */
static uint8_t *buffer(unsigned int i)
{
	return ram + BUFFERS + i * 256;
}

static void post(unsigned int i, bool wants_answer)
{
	struct fuse_in_header in = { .len = sizeof(in), .unique = 100 + i };

	memcpy(buffer(i), &in, sizeof(in));
	memset(buffer(i) + 128, 0xee, 128);
	desc[2 * i] = (struct vring_desc){ BUFFERS + i * 256, sizeof(in),
					   wants_answer ? VRING_DESC_F_NEXT : 0,
					   (uint16_t)(2 * i + 1) };
	desc[2 * i + 1] = (struct vring_desc){ BUFFERS + i * 256 + 128, 128,
					       VRING_DESC_F_WRITE, 0 };
	avail->ring[avail->idx % SIZE] = (uint16_t)(2 * i);
	avail->idx++;
}

static void post_all(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		post(i, true);
	virtio_serve(d, REQUEST);
}

static void finish(uint32_t head, uint32_t written)
{
	q->used->ring[q->used->idx % SIZE] =
		(struct vring_used_elem){ head, written };
	q->used->idx++;
}

static void assert_used(unsigned int at, uint32_t id, uint32_t len)
{
	assert_true(at < used->idx);
	assert_int_equal(used->ring[at % SIZE].id, id);
	assert_int_equal(used->ring[at % SIZE].len, len);
}

static void assert_refused(unsigned int i)
{
	struct fuse_out_header out;

	memcpy(&out, buffer(i) + 128, sizeof(out));
	assert_int_equal(out.len, sizeof(out));
	assert_int_equal(out.error, -EIO);
	assert_int_equal(out.unique, 100 + i);
}

static void test_config(void **state)
{
	(void)state;
	assert_int_equal(virtio_read_config(d, 0, 4), 0x676174); /* "tag" */
	assert_int_equal(virtio_read_config(d, 36, 4), 1);
	assert_int_equal(d->config_size, 40);
}

static void test_any_order(void **state)
{
	uint64_t count;

	(void)state;
	post_all(3);
	assert_int_equal(q->avail->idx, 3);
	assert_int_equal(q->avail->ring[2], 4);
	assert_int_equal(read(q->kick, &count, 8), 8);
	finish(4, 16);
	finish(0, 20);
	vhost_called(&fs.vhost, REQUEST);
	assert_int_equal(used->idx, 2);
	assert_used(0, 4, 16);
	assert_used(1, 0, 20);
	assert_int_equal(interrupts, 1);
	/* Nothing new: nobody is told of it. */
	vhost_called(&fs.vhost, REQUEST);
	assert_int_equal(interrupts, 1);
	assert_int_equal(losses, 0);
}

static void test_many(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 70000; i++) {
		post(i % 4, true);
		virtio_serve(d, REQUEST);
		finish(i % 4 * 2, i);
		vhost_called(&fs.vhost, REQUEST);
		assert_int_equal(used->ring[i % SIZE].len, i);
	}
	assert_int_equal(losses, 0);
	assert_int_equal(used->idx, (uint16_t)70000);
}

static void hostile(uint32_t head, const char *words)
{
	post_all(3);
	finish(2, 16);
	finish(head, 16);
	vhost_called(&fs.vhost, REQUEST);
	assert_int_equal(losses, 1);
	assert_non_null(strstr(why, words));
	assert_int_equal(used->idx, 3);
	assert_used(0, 2, 16); /* was right */
	assert_used(1, 0, 16);
	assert_used(2, 4, 16);
	assert_refused(0);
	assert_refused(2);
	assert_true(virtio_is_live(d));
	teardown(NULL);
	setup(NULL);
}

static void test_wrong_answers(void **state)
{
	(void)state;
	hostile(6, "nobody made"); /* not given to it */
	hostile(2, "nobody made"); /* twice */
	hostile(SIZE, "nobody made");
	hostile(UINT32_MAX, "nobody made");
	post_all(2);
	q->used->idx = SIZE + 1;
	vhost_called(&fs.vhost, REQUEST);
	assert_non_null(strstr(why, "more into a ring than fits"));
	assert_refused(0);
	assert_refused(1);
}

static void test_death(void **state)
{
	(void)state;
	post_all(3);
	finish(2, 77); /* its last words count */
	vhost_lose(&fs.vhost, "it died");
	assert_string_equal(why, "it died");
	assert_int_equal(used->idx, 3);
	assert_used(0, 2, 77);
	assert_refused(0);
	assert_refused(2);
	assert_int_equal(buffer(1)[128], 0xee);
	assert_int_equal(interrupts, 1);
	/* And so it goes on, for who wants no answer, too. */
	post(0, true);
	post(3, false);
	virtio_serve(d, REQUEST);
	assert_int_equal(used->idx, 5);
	assert_used(3, 0, 16);
	assert_refused(0);
	assert_used(4, 6, 0);
	vhost_lose(&fs.vhost, "again");
	vhost_called(&fs.vhost, REQUEST);
	assert_int_equal(losses, 1);
	/* A reset does not bring it back. */
	virtio_set_status(d, 0);
	drive();
	post_all(1);
	assert_used(0, 0, 16);
	assert_refused(0);
}

/* Too short for a header, no room for an answer, not in memory at all. */
static void test_odd_requests(void **state)
{
	(void)state;
	vhost_lose(&fs.vhost, "it died");
	post(0, true);
	desc[0].len = 39;
	virtio_serve(d, REQUEST);
	assert_used(0, 0, 0);
	post(0, true);
	desc[1].len = 15;
	virtio_serve(d, REQUEST);
	assert_used(1, 0, 0);
	assert_int_equal(troubles, 0);
	post(0, true);
	desc[0].addr = RAM;
	virtio_serve(d, REQUEST);
	assert_int_equal(troubles, 1);
	assert_false(virtio_is_live(d));
}

/* The driver changes a chain under the daemon, which then dies. */
static void test_broken_under_way(void **state)
{
	(void)state;
	post_all(2);
	desc[0].addr = RAM;
	vhost_lose(&fs.vhost, "it died");
	assert_int_equal(troubles, 1);
	assert_false(virtio_is_live(d));
}

static void test_hostile_driver(void **state)
{
	(void)state;
	post_all(1);
	post(0, true); /* is still in use */
	virtio_serve(d, REQUEST);
	assert_int_equal(troubles, 1);
	assert_false(virtio_is_live(d));
	virtio_set_status(d, 0);
	assert_int_equal(losses, 1); /* nobody answered the reset */
	teardown(NULL);
	setup(NULL);
	avail->ring[0] = SIZE;
	avail->idx = 1;
	virtio_serve(d, REQUEST);
	assert_int_equal(troubles, 1);
}

static void test_reset(void **state)
{
	(void)state;
	post_all(2);
	answer(11, REQUEST);
	virtio_set_status(d, 0);
	assert_int_equal(losses, 0);
	finish(0, 16); /* too late */
	vhost_called(&fs.vhost, REQUEST);
	assert_int_equal(used->idx, 0);
	drive();
	answer(11, REQUEST); /* one queue alone comes back to us, for good */
	virtio_disable_queue(d, REQUEST);
	virtio_enable_queue(d, REQUEST);
	post_all(1);
	assert_int_equal(troubles, 1);
	virtio_set_status(d, 0);
	drive();
	assert_int_equal(q->used->idx, 0);
	post_all(1);
	assert_int_equal(q->avail->idx, 1);
	finish(0, 16);
	vhost_called(&fs.vhost, REQUEST);
	assert_used(0, 0, 16);
	virtio_set_status(d, 0);
	assert_int_equal(losses, 1);
	assert_non_null(strstr(why, "does not answer GET_VRING_BASE"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_config),
		TEST(test_any_order),
		TEST(test_many),
		TEST(test_wrong_answers),
		TEST(test_death),
		TEST(test_odd_requests),
		TEST(test_broken_under_way),
		TEST(test_hostile_driver),
		TEST(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
