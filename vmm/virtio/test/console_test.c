// SPDX-License-Identifier: Apache-2.0
// Tests of the console: its ports, control messages, no room, no listener, end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <linux/virtio_config.h>

#include "vmm/virtio/console.h"
#include "vmm/virtio/test/rig.h"

#define RX         0u
#define TX         1u
#define CONTROL_RX 2u
#define CONTROL_TX 3u
#define SECOND_RX  4u
#define SECOND_TX  5u
#define LAST_TX    9u
#define PORTS      4u
#define QUEUES     10u
#define WRITE      VRING_DESC_F_WRITE
#define OUT_MAX    64u

/* Each queue has a page, its buffers another. */
#define PAGE(queue)   (0x1000u * ((queue) + 1))
#define BUFFER(queue) (0xb000u + 0x800u * (queue))

struct fixture {
	struct rig rig;
	struct console c;
	char out[PORTS][OUT_MAX];
	size_t outs[PORTS];
	size_t room;
	unsigned int wanted[PORTS];
	unsigned int rooms[PORTS];
};

static struct fixture fx;

static size_t take(void *ctx, unsigned int port, const uint8_t *bytes,
		   size_t count)
{
	struct fixture *f = ctx;
	size_t n = count < f->room ? count : f->room;

	memcpy(f->out[port] + f->outs[port], bytes, n);
	f->outs[port] += n;
	f->room -= n;
	return n;
}

static void want(void *ctx, unsigned int port)
{
	((struct fixture *)ctx)->wanted[port]++;
}

static void room(void *ctx, unsigned int port)
{
	((struct fixture *)ctx)->rooms[port]++;
}

static void begin(uint32_t features)
{
	struct virtio_device *d = &fx.c.device;

	virtio_set_status(d, 0);
	memset(fx.rig.ram, 0, RIG_MEMORY);
	virtio_accept(d, 0, features);
	virtio_accept(d, 1, 1);
	virtio_set_status(d, VIRTIO_CONFIG_S_FEATURES_OK);
	for (unsigned int i = 0; i < QUEUES; i++) {
		d->queue[i].size = RIG_SIZE;
		d->queue[i].desc_at = PAGE(i);
		d->queue[i].avail_at = PAGE(i) + 0x400;
		d->queue[i].used_at = PAGE(i) + 0x800;
		virtio_enable_queue(d, i);
	}
	virtio_set_status(d, 15);
	assert_true(rig_serve(&fx.rig));
}

static int setup(void **state)
{
	static const char *const names[PORTS] = { NULL, "dive.stderr", "three",
						  "four" };
	const struct console_wires w = { names, PORTS, take, want, room, &fx };

	(void)state;
	memset(&fx, 0, sizeof(fx));
	rig_memory(&fx.rig);
	fx.room = OUT_MAX;
	console_init(&fx.c, &fx.rig.mem, &w);
	rig_attach_mmio(&fx.rig, &fx.c.device);
	begin(1u << VIRTIO_CONSOLE_F_MULTIPORT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(&fx.rig);
	return 0;
}

static void *buffer(unsigned int queue)
{
	return fx.rig.ram + BUFFER(queue);
}

static const struct vring_used *used(unsigned int queue)
{
	return (void *)(fx.rig.ram + PAGE(queue) + 0x800);
}

/* Offer the queue's one buffer and say so. */
static void offer(unsigned int queue, uint32_t size, uint16_t flags)
{
	struct vring_avail *avail = (void *)(fx.rig.ram + PAGE(queue) + 0x400);

	memcpy(fx.rig.ram + PAGE(queue),
	       &(struct vring_desc){ BUFFER(queue), size, flags, 0 }, 16);
	avail->ring[avail->idx % RIG_SIZE] = 0;
	avail->idx++;
	virtio_notify(&fx.c.device, queue);
	assert_true(rig_serve(&fx.rig));
}

static void control(uint32_t id, uint16_t event, uint16_t value)
{
	const struct virtio_console_control m = { id, event, value };

	memcpy(buffer(CONTROL_TX), &m, sizeof(m));
	offer(CONTROL_TX, sizeof(m), 0);
}

/* The next control message is this one. */
static void told_value(uint32_t id, uint16_t event, uint16_t value,
		       const char *name)
{
	struct virtio_console_control m;
	uint16_t before = used(CONTROL_RX)->idx;

	offer(CONTROL_RX, 64, WRITE);
	assert_int_equal(used(CONTROL_RX)->idx, before + 1);
	memcpy(&m, buffer(CONTROL_RX), sizeof(m));
	assert_int_equal(m.id, id);
	assert_int_equal(m.event, event);
	assert_int_equal(m.value, value);
	assert_int_equal(used(CONTROL_RX)->ring[before % RIG_SIZE].len,
			 sizeof(m) + strlen(name));
	assert_memory_equal((char *)buffer(CONTROL_RX) + sizeof(m), name,
			    strlen(name));
}

static void told(uint32_t id, uint16_t event, const char *name)
{
	told_value(id, event, 1, name);
}

static void ports_are_introduced(void **state)
{
	uint16_t before;

	(void)state;
	control(0, VIRTIO_CONSOLE_DEVICE_READY, 1);
	told(0, VIRTIO_CONSOLE_PORT_ADD, "");
	for (uint32_t id = 1; id < PORTS; id++)
		told(id, VIRTIO_CONSOLE_PORT_ADD, "");
	control(0, VIRTIO_CONSOLE_PORT_READY, 1);
	told(0, VIRTIO_CONSOLE_CONSOLE_PORT, "");
	told(0, VIRTIO_CONSOLE_PORT_OPEN, "");
	control(1, VIRTIO_CONSOLE_PORT_READY, 1);
	/* Who sees the name finds it open. */
	told(1, VIRTIO_CONSOLE_PORT_OPEN, "");
	told(1, VIRTIO_CONSOLE_PORT_NAME, "dive.stderr");
	/* A port that is not there, an event that is none. */
	control(PORTS, VIRTIO_CONSOLE_PORT_READY, 1);
	control(UINT32_MAX, VIRTIO_CONSOLE_PORT_OPEN, 1);
	control(0, 0xffff, 1);
	before = used(CONTROL_RX)->idx;
	offer(CONTROL_RX, 64, WRITE);
	assert_int_equal(used(CONTROL_RX)->idx, before);
	assert_int_equal(fx.wanted[0], 0);
}

static void input_waits_for_a_listener(void **state)
{
	const uint8_t text[] = "typed";

	(void)state;
	offer(RX, 3, WRITE);
	assert_int_equal(console_receive(&fx.c, 0, text, 5), 0);
	control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(fx.wanted[0], 1);
	assert_int_equal(console_receive(&fx.c, 0, text, 5), 3);
	assert_memory_equal(buffer(RX), "typ", 3);
	assert_int_equal(used(RX)->ring[0].len, 3);
	/* The rest when there is a buffer again. */
	assert_int_equal(fx.rooms[0], 0);
	offer(RX, 16, WRITE);
	assert_int_equal(fx.rooms[0], 1);
	assert_int_equal(console_receive(&fx.c, 0, text + 3, 2), 2);
	assert_int_equal(used(RX)->ring[1].len, 2);
	/* After a reset, a new listener. */
	begin(1u << VIRTIO_CONSOLE_F_MULTIPORT);
	offer(RX, 16, WRITE);
	assert_int_equal(console_receive(&fx.c, 0, text, 5), 0);
	control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(fx.wanted[0], 1);
	assert_int_equal(fx.rooms[0], 2);
	assert_int_equal(console_receive(&fx.c, 0, text, 5), 5);
}

static void output_waits_for_room(void **state)
{
	(void)state;
	memcpy(buffer(TX), "hello, world", 12);
	fx.room = 5;
	offer(TX, 12, 0);
	assert_int_equal(used(TX)->idx, 0);
	fx.room = 4;
	console_room(&fx.c);
	assert_int_equal(used(TX)->idx, 0);
	fx.room = OUT_MAX / 2;
	console_room(&fx.c);
	assert_int_equal(used(TX)->idx, 1);
	assert_string_equal(fx.out[0], "hello, world");
	memcpy(buffer(SECOND_TX), "oh", 2);
	offer(SECOND_TX, 2, 0);
	assert_int_equal(used(SECOND_TX)->idx, 1);
	assert_string_equal(fx.out[1], "oh");
}

static void reset_in_the_middle(void **state)
{
	(void)state;
	memcpy(buffer(TX), "lost", 4);
	fx.room = 2;
	offer(TX, 4, 0);
	begin(1u << VIRTIO_CONSOLE_F_MULTIPORT);
	fx.room = 10;
	console_room(&fx.c);
	assert_int_equal(fx.outs[0], 2);
}

static void each_port_has_its_own_input(void **state)
{
	(void)state;
	control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(fx.wanted[0], 0);
	assert_int_equal(fx.wanted[1], 1);
	offer(RX, 16, WRITE);
	offer(SECOND_RX, 2, WRITE);
	assert_int_equal(console_receive(&fx.c, 0, (const uint8_t *)"a", 1), 0);
	assert_int_equal(console_receive(&fx.c, 1, (const uint8_t *)"bcd", 3),
			 2);
	assert_memory_equal(buffer(SECOND_RX), "bc", 2);
	offer(SECOND_RX, 2, WRITE);
	assert_int_equal(fx.rooms[0], 0);
	assert_int_equal(fx.rooms[1], 1);
}

static void an_end_is_told(void **state)
{
	uint16_t before;

	(void)state;
	control(2, VIRTIO_CONSOLE_PORT_READY, 1);
	told(2, VIRTIO_CONSOLE_PORT_OPEN, "");
	told(2, VIRTIO_CONSOLE_PORT_NAME, "three");
	before = used(CONTROL_RX)->idx;
	console_end(&fx.c, 2);
	assert_int_equal(used(CONTROL_RX)->idx, before);
	told_value(2, VIRTIO_CONSOLE_PORT_OPEN, 0, "");
	console_begin(&fx.c, 2);
	told_value(2, VIRTIO_CONSOLE_PORT_OPEN, 1, "");
	console_end(&fx.c, 2);
	/* Also to a driver that comes later. */
	begin(1u << VIRTIO_CONSOLE_F_MULTIPORT);
	control(2, VIRTIO_CONSOLE_PORT_READY, 1);
	told_value(2, VIRTIO_CONSOLE_PORT_OPEN, 0, "");
}

static void drained_when_nothing_is_left(void **state)
{
	(void)state;
	assert_true(console_drain(&fx.c));
	memcpy(buffer(LAST_TX), "late", 4);
	fx.room = 3;
	offer(LAST_TX, 4, 0);
	assert_false(console_drain(&fx.c));
	fx.room = 1;
	assert_true(console_drain(&fx.c));
	assert_int_equal(used(LAST_TX)->idx, 1);
	assert_string_equal(fx.out[3], "late");
	virtio_set_status(&fx.c.device, 0);
	assert_true(console_drain(&fx.c));
}

static void one_port(void **state)
{
	(void)state;
	begin(0);
	assert_int_equal(fx.wanted[0], 1);
	offer(RX, 16, WRITE);
	assert_int_equal(console_receive(&fx.c, 0, (const uint8_t *)"x", 1), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(ports_are_introduced),         T(input_waits_for_a_listener),
		T(output_waits_for_room),        T(reset_in_the_middle),
		T(each_port_has_its_own_input),  T(an_end_is_told),
		T(drained_when_nothing_is_left), T(one_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
