// SPDX-License-Identifier: Apache-2.0
// Tests of the block device: each request, with io_uring and without.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#include "vmm/virtio/test/fuzz_disk.h"
#include "vmm/virtio/test/rig.h"

#define DISK_SIZE 0x10000u
#define NEXT      VRING_DESC_F_NEXT
#define WRITE     VRING_DESC_F_WRITE
#define STATUS    (RIG_MEMORY - 1)
#define DATA      (RIG_BUFFER + 0x1000)

struct fixture {
	struct rig rig;
	struct blk blk;
	int fd;
};

static struct fixture fx;

static void begin(uint64_t features)
{
	struct virtio_device *d = &fx.blk.device;
	struct virtq *q = &d->queue[0];

	virtio_set_status(d, 0);
	memset(fx.rig.ram, 0, RIG_BUFFER);
	virtio_accept(d, 0, (uint32_t)features);
	virtio_accept(d, 1, 1);
	virtio_set_status(d, VIRTIO_CONFIG_S_FEATURES_OK);
	q->size = RIG_SIZE;
	q->desc_at = RIG_DESC;
	q->avail_at = RIG_AVAIL;
	q->used_at = RIG_USED;
	virtio_enable_queue(d, 0);
	virtio_set_status(d, 15);
	assert_true(virtio_is_live(d));
}

static int setup(bool async)
{
	memset(&fx, 0, sizeof(fx));
	rig_memory(&fx.rig);
	fx.fd = fuzz_disk_open(&fx.blk, &fx.rig.mem, DISK_SIZE, async);
	rig_attach_mmio(&fx.rig, &fx.blk.device);
	begin((uint64_t)1 << VIRTIO_BLK_F_FLUSH);
	return 0;
}

static int setup_async(void **state)
{
	(void)state;
	return setup(true);
}

static int setup_plain(void **state)
{
	(void)state;
	return setup(false);
}

static int teardown(void **state)
{
	(void)state;
	blk_close(&fx.blk);
	close(fx.fd);
	rig_free(&fx.rig);
	return 0;
}

/* One request through to its status; @data bytes at DATA. */
static uint8_t request(uint32_t type, uint64_t sector, uint32_t data)
{
	const struct virtio_blk_outhdr header = { .type = type,
						  .sector = sector };
	bool in = type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID;
	uint16_t before = rig_used(&fx.rig)->idx;

	memcpy(fx.rig.ram + RIG_BUFFER, &header, sizeof(header));
	fx.rig.ram[STATUS] = 0xee;
	rig_desc(&fx.rig, 0,
		 (struct vring_desc){ RIG_BUFFER, sizeof(header), NEXT,
				      data ? 1 : 2 });
	rig_desc(&fx.rig, 1,
		 (struct vring_desc){ DATA, data,
				      (uint16_t)(NEXT | (in ? WRITE : 0)), 2 });
	rig_desc(&fx.rig, 2, (struct vring_desc){ STATUS, 1, WRITE, 0 });
	rig_offer(&fx.rig, 0);
	virtio_notify(&fx.blk.device, 0);
	assert_true(rig_serve(&fx.rig));
	disk_wait(&fx.blk.disk);
	assert_int_equal((uint16_t)(rig_used(&fx.rig)->idx - before), 1);
	return fx.rig.ram[STATUS];
}

static uint32_t used_size(void)
{
	const struct vring_used *used = rig_used(&fx.rig);

	return used->ring[(uint16_t)(used->idx - 1) % RIG_SIZE].len;
}

static void reads_and_writes(void **state)
{
	char text[6] = "";

	(void)state;
	memcpy(fx.rig.ram + DATA, "hello", 5);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 3, 1024), 0);
	assert_int_equal(used_size(), 1);
	assert_int_equal(pread(fx.fd, text, 5, 3 * 512L), 5);
	assert_string_equal(text, "hello");
	memset(fx.rig.ram + DATA, 0xff, 1024);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 3, 1024), 0);
	assert_int_equal(used_size(), 1025);
	assert_memory_equal(fx.rig.ram + DATA, "hello", 6);
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), 0);
	assert_int_equal(request(VIRTIO_BLK_T_IN, DISK_SIZE / 512 - 2, 1024),
			 0);
}

static void refuses(void **state)
{
	(void)state;
	assert_int_equal(request(VIRTIO_BLK_T_IN, DISK_SIZE / 512 - 1, 1024),
			 VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, UINT64_MAX, 512),
			 VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, UINT64_MAX / 512 + 1, 512),
			 VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 100), VIRTIO_BLK_S_IOERR);
	assert_int_equal(used_size(), 1);
	assert_int_equal(request(99, 0, 0), VIRTIO_BLK_S_UNSUPP);
	fx.blk.disk.readonly = true;
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(fx.rig.troubles, 0);
}

static uint8_t range(uint32_t type, uint64_t sector, uint32_t sectors,
		     uint32_t flags)
{
	const struct virtio_blk_discard_write_zeroes r = {
		.sector = sector,
		.num_sectors = sectors,
		.flags = flags,
	};

	memcpy(fx.rig.ram + DATA, &r, sizeof(r));
	return request(type, 0, sizeof(r));
}

static void discards_and_zeroes(void **state)
{
	const uint32_t zero = VIRTIO_BLK_T_WRITE_ZEROES;
	char byte = 0;

	(void)state;
	memset(fx.rig.ram + DATA, 'x', 4096);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 4096), 0);
	assert_int_equal(range(VIRTIO_BLK_T_DISCARD, 0, 1, 0), 0);
	assert_int_equal(pread(fx.fd, &byte, 1, 0), 1);
	assert_int_equal(byte, 0);
	assert_int_equal(range(zero, 1, 1, 1), 0); /* may be a hole */
	assert_int_equal(pread(fx.fd, &byte, 1, 512), 1);
	assert_int_equal(byte, 0);
	assert_int_equal(pread(fx.fd, &byte, 1, 1024), 1);
	assert_int_equal(byte, 'x');
	/* This file system has no allocated zeroes; some have. */
	assert_in_range(range(zero, 2, 1, 0), 0, VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(range(zero, 0, 1, 2), VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(range(VIRTIO_BLK_T_DISCARD, 0, 1, 1),
			 VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(range(zero, DISK_SIZE / 512, 1, 0),
			 VIRTIO_BLK_S_IOERR);
	assert_int_equal(range(zero, 0, UINT32_MAX, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(zero, 0, 15), VIRTIO_BLK_S_IOERR);
	assert_int_equal(lseek(fx.fd, 0, SEEK_END), DISK_SIZE);
}

static void file_gets_shorter(void **state)
{
	(void)state;
	assert_int_equal(ftruncate(fx.fd, 512), 0);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 1024), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), 0);
}

static void never_flushed_is_durable(void **state)
{
	struct blk_request *next = fx.blk.free;

	(void)state;
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	assert_false(next->io.durable);
	begin(0);
	next = fx.blk.free;
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	assert_true(next->io.durable);
}

/* Five descriptors' worth of header, data and status in odd pieces. */
static void any_layout(void **state)
{
	const struct virtio_blk_outhdr header = { .type = VIRTIO_BLK_T_OUT,
						  .sector = 1 };
	char text[9] = "";

	(void)state;
	memcpy(fx.rig.ram + DATA, &header, 16);
	memcpy(fx.rig.ram + DATA + 16, "any pile", 8);
	rig_desc(&fx.rig, 0, (struct vring_desc){ DATA, 7, NEXT, 1 });
	rig_desc(&fx.rig, 1, (struct vring_desc){ DATA + 7, 20, NEXT, 2 });
	rig_desc(&fx.rig, 2, (struct vring_desc){ DATA + 27, 501, NEXT, 3 });
	rig_desc(&fx.rig, 3, (struct vring_desc){ STATUS, 1, WRITE, 0 });
	rig_offer(&fx.rig, 0);
	virtio_notify(&fx.blk.device, 0);
	assert_true(rig_serve(&fx.rig));
	disk_wait(&fx.blk.disk);
	assert_int_equal(fx.rig.ram[STATUS], 0);
	assert_int_equal(pread(fx.fd, text, 8, 512), 8);
	assert_string_equal(text, "any pile");
}

static void without_status(void **state)
{
	(void)state;
	rig_desc(&fx.rig, 0, (struct vring_desc){ DATA, 16, 0, 0 });
	rig_offer(&fx.rig, 0);
	virtio_notify(&fx.blk.device, 0);
	assert_true(rig_serve(&fx.rig));
	assert_int_equal(fx.rig.troubles, 1);
	assert_string_equal(fx.rig.why, "a request without header or status");
	assert_int_equal(fx.rig.mmio.pending, 2);
}

#define A(name) cmocka_unit_test_setup_teardown(name, setup_async, teardown)
#define S(name) cmocka_unit_test_setup_teardown(name, setup_plain, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		A(reads_and_writes),
		S(reads_and_writes),
		A(refuses),
		S(refuses),
		A(discards_and_zeroes),
		S(discards_and_zeroes),
		A(file_gets_shorter),
		S(file_gets_shorter),
		S(never_flushed_is_durable),
		A(any_layout),
		S(any_layout),
		A(without_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
