// SPDX-License-Identifier: Apache-2.0
// Fuzzes the registers of virtio-mmio with a disk behind them, and the memory
// that they point to.
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <string.h>
#include <unistd.h>

#include "vmm/dev/test/fuzz.h"
#include "vmm/virtio/test/fuzz_disk.h"
#include "vmm/virtio/test/rig.h"

#define DISK_SIZE 0x10000u

struct model {
	struct rig rig;
	struct blk blk;
};

static uint32_t in(struct model *m, uint64_t reg)
{
	return (uint32_t)bus_read(&m->rig.bus, RIG_MMIO + reg, 4, NULL);
}

static void out(struct model *m, uint64_t reg, uint32_t value)
{
	bus_write(&m->rig.bus, RIG_MMIO + reg, 4, value);
}

/* Chance alone would take for ever to get here. */
static void start(struct model *m, uint32_t features)
{
	out(m, VIRTIO_MMIO_STATUS, 0);
	FUZZ_CHECK(in(m, VIRTIO_MMIO_STATUS) == 0);
	FUZZ_CHECK(in(m, VIRTIO_MMIO_INTERRUPT_STATUS) == 0 && !m->rig.level);
	out(m, VIRTIO_MMIO_STATUS, 3);
	out(m, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	features &= in(m, VIRTIO_MMIO_DEVICE_FEATURES);
	out(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	out(m, VIRTIO_MMIO_DRIVER_FEATURES, features);
	out(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	out(m, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	out(m, VIRTIO_MMIO_STATUS, 11);
	FUZZ_CHECK(in(m, VIRTIO_MMIO_STATUS) == 11);
	out(m, VIRTIO_MMIO_QUEUE_SEL, 0);
	out(m, VIRTIO_MMIO_QUEUE_NUM, RIG_SIZE);
	out(m, VIRTIO_MMIO_QUEUE_DESC_LOW, RIG_DESC);
	out(m, VIRTIO_MMIO_QUEUE_DESC_HIGH, 0);
	out(m, VIRTIO_MMIO_QUEUE_AVAIL_LOW, RIG_AVAIL);
	out(m, VIRTIO_MMIO_QUEUE_AVAIL_HIGH, 0);
	out(m, VIRTIO_MMIO_QUEUE_USED_LOW, RIG_USED);
	out(m, VIRTIO_MMIO_QUEUE_USED_HIGH, 0);
	out(m, VIRTIO_MMIO_QUEUE_READY, 1);
	out(m, VIRTIO_MMIO_STATUS, 15);
}

/* A request of three descriptors, nearly right. */
static void request(struct model *m, struct fuzz_input *in)
{
	uint32_t header[4] = { (uint32_t)fuzz_take(in, 1) % 16, 0,
			       (uint32_t)fuzz_take(in, 1), 0 };
	uint32_t size = (uint32_t)fuzz_take(in, 2);
	uint16_t flags = header[0] % 2 || header[0] > 8 ? 0 : 2;
	uint16_t odd = (uint16_t)fuzz_take(in, 1);

	memcpy(m->rig.ram + RIG_BUFFER, header, sizeof(header));
	rig_desc(&m->rig, 0, (struct vring_desc){ RIG_BUFFER, 16, 1, 1 });
	rig_desc(&m->rig, 1,
		 (struct vring_desc){ RIG_BUFFER + 16, size, flags | 1, 2 });
	rig_desc(&m->rig, 2,
		 (struct vring_desc){ RIG_MEMORY - 1, 1, 2 ^ (odd & 1), 0 });
	rig_offer(&m->rig, odd & 4);
}

static void step(struct model *m, struct fuzz_input *in)
{
	unsigned int op = (unsigned int)fuzz_take(in, 1) % 8;
	uint64_t where = fuzz_take(in, 2);
	unsigned int bytes = fuzz_size(in);
	uint64_t value = fuzz_take(in, bytes);

	if (op < 2) {
		where %= VIRTIO_MMIO_SIZE;
		bus_write(&m->rig.bus, RIG_MMIO + where, bytes, value);
	} else if (op == 2) {
		where %= VIRTIO_MMIO_SIZE;
		bus_read(&m->rig.bus, RIG_MMIO + where, bytes, NULL);
	} else if (op == 3) {
		if (where + bytes <= RIG_MEMORY)
			memcpy(m->rig.ram + where, &value, bytes);
	} else if (op == 4) {
		start(m, (uint32_t)value);
	} else if (op == 5) {
		request(m, in);
		bus_write(&m->rig.bus, RIG_MMIO + VIRTIO_MMIO_QUEUE_NOTIFY, 4,
			  0);
	} else if (op == 6) {
		(void)rig_serve(&m->rig);
	} else {
		rig_desc(&m->rig, where % RIG_SIZE,
			 (struct vring_desc){ value & 0xffff,
					      (uint32_t)(value >> 16) & 0x1fff,
					      (value >> 32) & 7,
					      (value >> 40) & 0x1f });
	}
	FUZZ_CHECK(m->rig.level == (m->rig.mmio.pending != 0));
	FUZZ_CHECK(m->blk.disk.flight == 0 && m->blk.free);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	static struct model m;
	int fd;

	rig_memory(&m.rig);
	fd = fuzz_disk_open(&m.blk, &m.rig.mem, DISK_SIZE, false);
	rig_attach_mmio(&m.rig, &m.blk.device);
	for (int i = 0; i < 512 && in.left > 0; i++)
		step(&m, &in);
	start(&m, 0);
	/* Whatever was asked for, the disk keeps its size. */
	FUZZ_CHECK(m.blk.disk.size == DISK_SIZE &&
		   lseek(fd, 0, SEEK_END) == DISK_SIZE);
	blk_close(&m.blk);
	close(fd);
	rig_free(&m.rig);
	return 0;
}
