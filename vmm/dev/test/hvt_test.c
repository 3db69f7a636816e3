// SPDX-License-Identifier: Apache-2.0
// Solo5's hypercalls: what they answer, and which arguments end the run.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/dev/hvt.h"
#include "vmm/dev/test/wires.h"

#define MEM  0x4000u
#define ARGS 0x1000u
#define DATA 0x2000u

enum {
	FIRST,
	DISK,
	NET,
	LOOSE,
	DEVICES
};

static struct rig {
	struct bus pio;
	struct hvt hvt;
	struct wires w;
	struct solo5_manifest manifest;
	struct gmem mem;
	uint8_t host[MEM];
	int64_t answer;
	uint64_t ready;
	unsigned int handle;
	bool write;
	uint64_t offset;
	const void *bytes;
	uint64_t size;
	unsigned int calls;
} rig;

static int64_t note(unsigned int handle, const void *bytes, uint64_t size)
{
	rig.handle = handle;
	rig.bytes = bytes;
	rig.size = size;
	rig.calls++;
	return rig.answer;
}

static int block_io(void *ctx, unsigned int handle, bool write, uint64_t offset,
		    void *bytes, uint64_t size)
{
	assert_ptr_equal(ctx, &rig);
	rig.write = write;
	rig.offset = offset;
	return (int)note(handle, bytes, size);
}

static int net_send(void *ctx, unsigned int handle, const void *bytes,
		    uint64_t size)
{
	assert_ptr_equal(ctx, &rig);
	return (int)note(handle, bytes, size);
}

static int64_t net_receive(void *ctx, unsigned int handle, void *bytes,
			   uint64_t size)
{
	assert_ptr_equal(ctx, &rig);
	return note(handle, bytes, size);
}

static uint64_t wait(void *ctx, uint64_t timeout_ns)
{
	assert_ptr_equal(ctx, &rig);
	rig.size = timeout_ns;
	return rig.ready;
}

static int set_up(void **state)
{
	struct gmem_region r = { .size = MEM, .host = rig.host };
	struct hvt_wires wires = {
		.mem = &rig.mem,
		.block_io = block_io,
		.net_send = net_send,
		.net_receive = net_receive,
		.wait = wait,
		.ctx = &rig,
	};

	(void)state;
	memset(&rig, 0, sizeof(rig));
	wires.console = wires_sink(&rig.w);
	wires.power = wires_power(&rig.w);
	wires.time = wires_time(&rig.w);
	rig.manifest.count = DEVICES;
	rig.manifest.device[FIRST].kind = SOLO5_RESERVED;
	rig.manifest.device[DISK] = (struct solo5_device){ .kind = SOLO5_BLOCK,
							   .attached = true,
							   .capacity = 4096 };
	rig.manifest.device[NET] =
		(struct solo5_device){ .kind = SOLO5_NET, .attached = true };
	rig.manifest.device[LOOSE].kind = SOLO5_BLOCK;
	hvt_attach(&rig.hvt, &rig.pio, &rig.manifest, &wires);
	return gmem_add(&rig.mem, &r, NULL);
}

/* An OUT with up to 5 words of 64 bits as arguments; returns the last. */
static int32_t call(uint16_t number, unsigned int words, const uint64_t *args)
{
	int32_t ret;

	memcpy(rig.host + ARGS, args, 8 * words);
	bus_write(&rig.pio, HVT_PORT + number, 4, ARGS);
	memcpy(&ret, rig.host + ARGS + 8 * (words - 1), 4);
	return ret;
}

#define CALL(number, ...)                                     \
	call(number, sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, \
	     (uint64_t[]){ __VA_ARGS__ })

static uint64_t word(unsigned int i)
{
	uint64_t value;

	memcpy(&value, rig.host + ARGS + 8 * i, 8);
	return value;
}

static void time_text_and_end(void **state)
{
	(void)state;
	rig.w.realtime_ns = 1234567890123456789;
	CALL(1, 0);
	assert_int_equal(word(0), 1234567890123456789);
	memcpy(rig.host + DATA, "hello", 5);
	CALL(2, DATA, 5);
	assert_int_equal(rig.w.out_count, 5);
	assert_memory_equal(rig.w.out, "hello", 5);
	CALL(2, UINT64_MAX, 0);
	assert_int_equal(rig.w.stops, 0);
	CALL(8, MEM - 512, 0xfffffffe);
	assert_int_equal(rig.w.stops, 1);
	assert_int_equal(rig.w.event, POWER_EXIT);
	assert_int_equal(rig.w.value, 0xfffffffe);
}

static void poll_says_which_are_ready(void **state)
{
	(void)state;
	rig.ready = 1ull << NET | 1ull << 63;
	CALL(3, UINT64_MAX, 0, 0);
	assert_int_equal(rig.size, UINT64_MAX);
	assert_int_equal(word(1), rig.ready);
	assert_int_equal(word(2), 2);
}

static void blocks_stay_within_their_disk(void **state)
{
	static const struct {
		uint64_t handle, offset, len;
	} wrong[] = {
		{ FIRST, 0, 512 },       { NET, 0, 512 },
		{ LOOSE, 0, 512 },       { DEVICES, 0, 512 },
		{ UINT64_MAX, 0, 512 },  { 1ull << 32 | DISK, 0, 512 },
		{ DISK, 4096, 0 },       { DISK, 3584, 513 },
		{ DISK, UINT64_MAX, 2 }, { DISK, 1, UINT64_MAX },
	};

	(void)state;
	for (uint16_t c = 4; c <= 5; c++) {
		assert_int_equal(CALL(c, DISK, 3584, DATA, 512, 9), 0);
		assert_int_equal(rig.handle, DISK);
		assert_int_equal(rig.write, c == 4);
		assert_int_equal(rig.offset, 3584);
		assert_ptr_equal(rig.bytes, rig.host + DATA);
		assert_int_equal(rig.size, 512);
		rig.answer = -EIO;
		assert_int_equal(CALL(c, DISK, 0, DATA, 512, 9), 3);
		rig.answer = 0;
		rig.calls = 0;
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			assert_int_equal(CALL(c, wrong[i].handle,
					      wrong[i].offset, DATA,
					      wrong[i].len, 9),
					 2);
		assert_int_equal(rig.calls, 0);
	}
	assert_int_equal(rig.w.stops, 0);
}

static void frames_come_and_go(void **state)
{
	(void)state;
	assert_int_equal(CALL(6, NET, DATA, 60, 9), 0);
	assert_int_equal(rig.size, 60);
	rig.answer = -EIO;
	assert_int_equal(CALL(6, NET, DATA, 60, 9), 3);
	rig.answer = 42;
	assert_int_equal(CALL(7, NET, DATA, 1514, 9), 0);
	assert_int_equal(word(2), 42);
	rig.answer = -EAGAIN;
	assert_int_equal(CALL(7, NET, DATA, 1514, 9), 1);
	rig.answer = -EBADF;
	assert_int_equal(CALL(7, NET, DATA, 1514, 9), 3);
	assert_int_equal(CALL(6, DISK, DATA, 60, 9), 2);
	assert_int_equal(CALL(7, LOOSE, DATA, 60, 9), 2);
}

static void assert_bad(const char *name)
{
	assert_int_equal(rig.w.stops, 1);
	assert_int_equal(rig.w.event, POWER_BAD_CALL);
	assert_string_equal(rig.w.channel, name);
	assert_int_equal(rig.calls, 0);
	assert_int_equal(rig.w.out_count, 0);
	rig.w.stops = 0;
}

static void what_is_not_memory_ends_the_run(void **state)
{
	(void)state;
	CALL(2, MEM, 1);
	assert_bad("hypercall puts");
	CALL(2, 0, UINT64_MAX);
	assert_bad("hypercall puts");
	CALL(2, UINT64_MAX, 2);
	assert_bad("hypercall puts");
	CALL(4, DISK, 0, MEM - 511, 512, 9);
	assert_bad("hypercall block_write");
	CALL(5, DISK, 0, UINT64_MAX, 512, 9);
	assert_bad("hypercall block_read");
	CALL(6, NET, MEM, 1, 9);
	assert_bad("hypercall net_write");
	CALL(7, NET, 0, MEM + 1, 9);
	assert_bad("hypercall net_read");
	CALL(8, MEM - 511, 0);
	assert_bad("hypercall halt");
	bus_write(&rig.pio, HVT_PORT + 1, 4, MEM - 7);
	assert_bad("hypercall walltime");
	bus_write(&rig.pio, HVT_PORT + 3, 4, 0xffffffff);
	assert_bad("hypercall poll");
	bus_write(&rig.pio, HVT_PORT, 4, ARGS);
	assert_bad("no such hypercall");
	bus_write(&rig.pio, HVT_PORT + 8, 2, ARGS);
	assert_bad("no such hypercall");
}

#define T(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(time_text_and_end),
		T(poll_says_which_are_ready),
		T(blocks_stay_within_their_disk),
		T(frames_come_and_go),
		T(what_is_not_memory_ends_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
