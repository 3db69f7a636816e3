// SPDX-License-Identifier: Apache-2.0
// Tests of the console: both ports, control messages, no room, no listener.
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
#define ERRORS_TX  5u
#define QUEUES     6u
#define WRITE      VRING_DESC_F_WRITE
#define OUT_MAX    64u

/* Each queue has a page, its buffers another. */
#define PAGE(queue)   (0x1000u * ((queue) + 1))
#define BUFFER(queue) (0x8000u + 0x1000u * (queue))

struct fixture {
	struct rig rig;
	struct console c;
	char out[CONSOLE_PORTS][OUT_MAX];
	size_t outs[CONSOLE_PORTS];
	size_t room;
	unsigned int wanted;
	unsigned int rooms;
};

static struct fixture fx;

static size_t take(void *ctx, enum console_port_id port, const uint8_t *bytes,
		   size_t count)
{
	struct fixture *f = ctx;
	size_t n = count < f->room ? count : f->room;

	memcpy(f->out[port] + f->outs[port], bytes, n);
	f->outs[port] += n;
	f->room -= n;
	return n;
}

static void want(void *ctx)
{
	((struct fixture *)ctx)->wanted++;
}

static void room(void *ctx)
{
	((struct fixture *)ctx)->rooms++;
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
	const struct console_wires w = { take, want, room, &fx };

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
static void told(uint32_t id, uint16_t event, const char *name)
{
	struct virtio_console_control m;
	uint16_t before = used(CONTROL_RX)->idx;

	offer(CONTROL_RX, 64, WRITE);
	assert_int_equal(used(CONTROL_RX)->idx, before + 1);
	memcpy(&m, buffer(CONTROL_RX), sizeof(m));
	assert_int_equal(m.id, id);
	assert_int_equal(m.event, event);
	assert_int_equal(m.value, 1);
	assert_int_equal(used(CONTROL_RX)->ring[before % RIG_SIZE].len,
			 sizeof(m) + strlen(name));
	assert_memory_equal((char *)buffer(CONTROL_RX) + sizeof(m), name,
			    strlen(name));
}

static void ports_are_introduced(void **state)
{
	uint16_t before;

	(void)state;
	control(0, VIRTIO_CONSOLE_DEVICE_READY, 1);
	told(0, VIRTIO_CONSOLE_PORT_ADD, "");
	told(1, VIRTIO_CONSOLE_PORT_ADD, "");
	control(0, VIRTIO_CONSOLE_PORT_READY, 1);
	told(0, VIRTIO_CONSOLE_CONSOLE_PORT, "");
	told(0, VIRTIO_CONSOLE_PORT_OPEN, "");
	control(1, VIRTIO_CONSOLE_PORT_READY, 1);
	told(1, VIRTIO_CONSOLE_PORT_NAME, "dive.stderr");
	told(1, VIRTIO_CONSOLE_PORT_OPEN, "");
	/* A port that is not there, an event that is none. */
	control(2, VIRTIO_CONSOLE_PORT_READY, 1);
	control(UINT32_MAX, VIRTIO_CONSOLE_PORT_OPEN, 1);
	control(0, 0xffff, 1);
	before = used(CONTROL_RX)->idx;
	offer(CONTROL_RX, 64, WRITE);
	assert_int_equal(used(CONTROL_RX)->idx, before);
	assert_int_equal(fx.wanted, 0);
}

static void input_waits_for_a_listener(void **state)
{
	const uint8_t text[] = "typed";

	(void)state;
	offer(RX, 3, WRITE);
	assert_int_equal(console_receive(&fx.c, text, 5), 0);
	control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(fx.wanted, 1);
	assert_int_equal(console_receive(&fx.c, text, 5), 3);
	assert_memory_equal(buffer(RX), "typ", 3);
	assert_int_equal(used(RX)->ring[0].len, 3);
	/* The rest when there is a buffer again. */
	assert_int_equal(fx.rooms, 0);
	offer(RX, 16, WRITE);
	assert_int_equal(fx.rooms, 1);
	assert_int_equal(console_receive(&fx.c, text + 3, 2), 2);
	assert_int_equal(used(RX)->ring[1].len, 2);
	/* After a reset, a new listener. */
	begin(1u << VIRTIO_CONSOLE_F_MULTIPORT);
	offer(RX, 16, WRITE);
	assert_int_equal(console_receive(&fx.c, text, 5), 0);
	control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(fx.wanted, 1);
	assert_int_equal(fx.rooms, 2);
	assert_int_equal(console_receive(&fx.c, text, 5), 5);
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
	assert_string_equal(fx.out[CONSOLE_MAIN], "hello, world");
	memcpy(buffer(ERRORS_TX), "oh", 2);
	offer(ERRORS_TX, 2, 0);
	assert_int_equal(used(ERRORS_TX)->idx, 1);
	assert_string_equal(fx.out[CONSOLE_ERRORS], "oh");
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
	assert_int_equal(fx.outs[CONSOLE_MAIN], 2);
}

static void one_port(void **state)
{
	(void)state;
	begin(0);
	assert_int_equal(fx.wanted, 1);
	offer(RX, 16, WRITE);
	assert_int_equal(console_receive(&fx.c, (const uint8_t *)"x", 1), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(ports_are_introduced),
		T(input_waits_for_a_listener),
		T(output_waits_for_room),
		T(reset_in_the_middle),
		T(one_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
