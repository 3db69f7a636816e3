// SPDX-License-Identifier: Apache-2.0
// Fuzzes the queues of the console: what it takes out is in guest memory, what
// it takes in was offered, and nothing it is told makes it go on for ever.
#include <linux/virtio_config.h>
#include <string.h>

#include "vmm/dev/test/fuzz.h"
#include "vmm/virtio/console.h"
#include "vmm/virtio/test/rig.h"

#define PORTS         3u
#define QUEUES        8u
#define PAGE(queue)   (0x1000u * ((queue) + 1))
#define BUFFER(queue) (0x8000u + 0x1000u * (queue))

static const char *const names[PORTS] = { NULL, "first", "second" };

struct model {
	struct rig rig;
	struct console c;
	size_t room;
	uint64_t in; /* bytes taken: byte i is (uint8_t)i */
};

static size_t take(void *ctx, unsigned int port, const uint8_t *bytes,
		   size_t count)
{
	struct model *m = ctx;
	size_t n = count < m->room ? count : m->room;

	FUZZ_CHECK(port < PORTS && count > 0);
	FUZZ_CHECK(bytes >= m->rig.ram &&
		   bytes + count <= m->rig.ram + RIG_MEMORY);
	m->room -= n;
	return n;
}

static void nothing(void *ctx, unsigned int port)
{
	(void)ctx;
	FUZZ_CHECK(port < PORTS);
}

static void start(struct model *m, uint32_t features)
{
	struct virtio_device *d = &m->c.device;

	virtio_set_status(d, 0);
	virtio_accept(d, 0, features & (uint32_t)virtio_offered(d));
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
}

static void offer(struct model *m, unsigned int queue, uint64_t value)
{
	struct vring_avail *avail = (void *)(m->rig.ram + PAGE(queue) + 0x400);
	const struct vring_desc d = { BUFFER(queue), value & 0xfff,
				      (value >> 12) & 7, (value >> 16) & 0xf };

	memcpy(m->rig.ram + PAGE(queue) + ((value >> 20) & 0xf) * sizeof(d), &d,
	       sizeof(d));
	avail->ring[avail->idx % RIG_SIZE] = (value >> 20) & 0xf;
	avail->idx++;
	virtio_notify(&m->c.device, queue);
}

static void step(struct model *m, struct fuzz_input *in)
{
	unsigned int op = (unsigned int)fuzz_take(in, 1);
	uint64_t value = fuzz_take(in, 4);
	uint8_t text[64];

	switch (op % 8) {
	case 0:
		start(m, (uint32_t)value);
		break;
	case 1:
		memcpy(m->rig.ram + (value & 0xfff0), &value, 4);
		break;
	case 2: /* a control message */
		value = fuzz_take(in, 8);
		memcpy(m->rig.ram + BUFFER(3), &value, 8);
		offer(m, 3, 8);
		break;
	case 3:
		m->room = value & 0xff;
		console_room(&m->c);
		break;
	case 4:
		for (unsigned int i = 0; i < sizeof(text); i++)
			text[i] = (uint8_t)(m->in + i);
		value = console_receive(&m->c, op / 8 % 2 * 2, text,
					value % sizeof(text));
		FUZZ_CHECK(value < sizeof(text));
		m->in += value;
		break;
	case 5:
		(void)rig_serve(&m->rig);
		break;
	case 6:
		if (value % 2)
			console_end(&m->c, op / 8 % PORTS);
		else
			(void)console_drain(&m->c);
		break;
	default:
		offer(m, (op >> 3) % QUEUES, value);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	static struct model m;
	const struct console_wires w = { names,   PORTS,   take,
					 nothing, nothing, &m };

	memset(&m, 0, sizeof(m));
	rig_memory(&m.rig);
	console_init(&m.c, &m.rig.mem, &w);
	rig_attach_mmio(&m.rig, &m.c.device);
	start(&m, UINT32_MAX);
	for (int i = 0; i < 1024 && in.left > 0; i++)
		step(&m, &in);
	rig_free(&m.rig);
	return 0;
}
