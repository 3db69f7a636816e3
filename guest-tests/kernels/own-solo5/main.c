// SPDX-License-Identifier: ISC
// A kernel for Solo5's hvt: every hypercall, and what they must refuse.
#include "hvt.h"

#define OK      0
#define AGAIN   1
#define INVALID 2

enum {
	FIRST,
	STORAGE,
	SERVICE,
	NAMES,
};

void start(const struct hvt_boot *boot);

HVT_NOTE_ABI;
HVT_NOTE_MANIFEST(NAMES) = {
	HVT_MANIFEST(NAMES),
	{ [FIRST] = { .kind = 1u << 30 },
	  [STORAGE] = { .name = "storage", .kind = 1 },
	  [SERVICE] = { .name = "service", .kind = 2 } },
};

static uint8_t written[1024], read_back[1024];

static void check(const char *what, int holds)
{
	if (holds)
		return;
	hvt_puts("not ok: ");
	hvt_puts(what);
	hvt_puts("\n");
	hvt_exit(1);
}

static int block(enum hvt_call call, uint64_t handle, uint64_t offset,
		 uint64_t len)
{
	struct hvt_block a = { .handle = handle, .offset = offset, .len = len };

	a.data = (uintptr_t)(call == HVT_BLOCK_WRITE ? written : read_back);
	a.ret = -1;
	hvt_do(call, &a);
	return a.ret;
}

static int net(enum hvt_call call, uint64_t handle, uint64_t *len)
{
	struct hvt_net a = { .handle = handle, .len = *len };

	a.data = (uintptr_t)(call == HVT_NET_WRITE ? written : read_back);
	a.ret = -1;
	hvt_do(call, &a);
	*len = a.len;
	return a.ret;
}

static uint64_t poll(uint64_t timeout_ns)
{
	struct hvt_poll a = { .timeout_ns = timeout_ns };

	hvt_do(HVT_POLL, &a);
	check("poll counts what is ready", a.ret == (a.ready != 0));
	return a.ready;
}

static uint64_t walltime(void)
{
	uint64_t ns = 0;

	hvt_do(HVT_WALLTIME, &ns);
	return ns;
}

static void check_manifest(const struct hvt_boot *boot)
{
	const struct hvt_entry *e = boot->manifest->entry;

	check("the manifest is ours",
	      boot->manifest->version == 1 && boot->manifest->entries == NAMES);
	check("all is attached", e[STORAGE].attached && e[SERVICE].attached);
	check("blocks of 512", e[STORAGE].u.block.block_size == 512);
	check("an own MAC", (e[SERVICE].u.net.mac[0] & 3) == 2);
	check("an MTU", e[SERVICE].u.net.mtu >= 576);
	check("a frequency", boot->tsc_hz > 1000000);
	check("memory", boot->mem_size > boot->kernel_end);
}

static void check_block(uint64_t capacity)
{
	for (size_t i = 0; i < sizeof(written); i++)
		written[i] = (uint8_t)(i * 7);
	for (uint64_t at = 0; at < capacity; at += capacity - 1024) {
		check("write", block(HVT_BLOCK_WRITE, STORAGE, at, 1024) == OK);
		check("read", block(HVT_BLOCK_READ, STORAGE, at, 1024) == OK);
		for (size_t i = 0; i < sizeof(written); i++)
			check("the same", written[i] == read_back[i]);
	}
	for (enum hvt_call c = HVT_BLOCK_WRITE; c <= HVT_BLOCK_READ; c++) {
		check("behind the end",
		      block(c, STORAGE, capacity, 512) == INVALID);
		check("over the end",
		      block(c, STORAGE, capacity - 512, 513) == INVALID);
		check("around the end",
		      block(c, STORAGE, 512, ~511ull) == INVALID);
		check("negative", block(c, STORAGE, ~511ull, 512) == INVALID);
		check("entry 0", block(c, FIRST, 0, 512) == INVALID);
		check("a network", block(c, SERVICE, 0, 512) == INVALID);
		check("no device", block(c, NAMES, 0, 512) == INVALID);
		check("nor this", block(c, ~0ull, 0, 512) == INVALID);
	}
}

/* Its other end gives back what it gets. */
static void check_net(void)
{
	uint64_t len = 64;

	check("nothing to read", net(HVT_NET_READ, SERVICE, &len) == AGAIN);
	check("nothing ready", poll(1000000) == 0);
	len = 64;
	check("send", net(HVT_NET_WRITE, SERVICE, &len) == OK);
	check("ready", poll(~0ull) == 1ull << SERVICE);
	len = 1024;
	check("receive", net(HVT_NET_READ, SERVICE, &len) == OK && len == 64);
	check("no network", net(HVT_NET_READ, STORAGE, &len) == INVALID);
	check("no device", net(HVT_NET_WRITE, NAMES, &len) == INVALID);
}

void start(const struct hvt_boot *boot)
{
	uint64_t before, after;

	check_manifest(boot);
	check_block(boot->manifest->entry[STORAGE].u.block.capacity);
	check_net();
	before = walltime();
	poll(20000000);
	after = walltime();
	check("time goes on", after - before >= 20000000);
	hvt_puts("solo5: ");
	hvt_puts(boot->cmdline);
	hvt_puts("\n");
	hvt_exit(*boot->cmdline - '0');
}
