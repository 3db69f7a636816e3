// SPDX-License-Identifier: Apache-2.0
// Fuzzes Solo5's hypercalls: any arguments, anywhere in any memory.
#include <errno.h>
#include <string.h>

#include "vmm/dev/hvt.h"
#include "vmm/dev/test/fuzz.h"
#include "vmm/dev/test/wires.h"

#define MEM      4096u
#define CAPACITY 65536u

enum {
	FIRST,
	DISK,
	NET,
	LOOSE,
	DEVICES
};

/* Inside of it is what the device hands out, and nothing else. */
struct model {
	struct bus pio;
	struct hvt hvt;
	struct wires w;
	struct solo5_manifest manifest;
	struct gmem mem;
	uint8_t *host;
	struct fuzz_input in;
};

static void check_bytes(const struct model *m, const void *bytes, uint64_t size)
{
	const uint8_t *at = bytes;

	if (size == 0)
		return;
	FUZZ_CHECK(size <= MEM);
	FUZZ_CHECK(at >= m->host && at + size <= m->host + MEM);
}

static void put(void *ctx, const uint8_t *bytes, size_t count)
{
	check_bytes(ctx, bytes, count);
}

static int block_io(void *ctx, unsigned int handle, bool write, uint64_t offset,
		    void *bytes, uint64_t size)
{
	struct model *m = ctx;

	FUZZ_CHECK(handle == DISK);
	FUZZ_CHECK(offset < CAPACITY && size <= CAPACITY - offset);
	check_bytes(m, bytes, size);
	if (!write)
		memset(bytes, (int)fuzz_take(&m->in, 1), size);
	return fuzz_take(&m->in, 1) & 1 ? -EIO : 0;
}

static int net_send(void *ctx, unsigned int handle, const void *bytes,
		    uint64_t size)
{
	FUZZ_CHECK(handle == NET);
	check_bytes(ctx, bytes, size);
	return 0;
}

static int64_t net_receive(void *ctx, unsigned int handle, void *bytes,
			   uint64_t size)
{
	struct model *m = ctx;
	uint64_t n = fuzz_take(&m->in, 2);

	FUZZ_CHECK(handle == NET);
	check_bytes(m, bytes, size);
	if (n > size)
		return -EAGAIN;
	memset(bytes, 0x5a, n);
	return (int64_t)n;
}

static uint64_t wait(void *ctx, uint64_t timeout_ns)
{
	struct model *m = ctx;

	(void)timeout_ns;
	return fuzz_take(&m->in, 8);
}

static void build(struct model *m)
{
	struct gmem_region r = { .size = MEM, .host = m->host };
	const struct hvt_wires wires = {
		.mem = &m->mem,
		.console = { put, m },
		.power = wires_power(&m->w),
		.time = wires_time(&m->w),
		.block_io = block_io,
		.net_send = net_send,
		.net_receive = net_receive,
		.wait = wait,
		.ctx = m,
	};

	m->manifest.count = DEVICES;
	m->manifest.device[DISK] = (struct solo5_device){
		.kind = SOLO5_BLOCK, .attached = true, .capacity = CAPACITY
	};
	m->manifest.device[NET] =
		(struct solo5_device){ .kind = SOLO5_NET, .attached = true };
	m->manifest.device[LOOSE].kind = SOLO5_NET;
	FUZZ_CHECK(gmem_add(&m->mem, &r, NULL) == 0);
	hvt_attach(&m->hvt, &m->pio, &m->manifest, &wires);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model m = { .in = { data, size } };

	/* Of its own, so that a byte too far is seen. */
	m.host = calloc(1, MEM);
	FUZZ_CHECK(m.host);
	build(&m);
	for (int i = 0; i < FUZZ_STEPS_MAX && m.in.left > 0; i++) {
		uint64_t op = fuzz_take(&m.in, 1);
		uint64_t at = fuzz_take(&m.in, 2);
		uint64_t value = fuzz_take(&m.in, 8);

		if (op & 0x80) /* write arguments */
			memcpy(m.host + at % (MEM - 8), &value, 8);
		else
			bus_write(&m.pio, HVT_PORT + op % HVT_PORTS,
				  op & 0x40 ? 1 : 4,
				  op & 0x20 ? value : at % MEM);
	}
	free(m.host);
	return 0;
}
