// SPDX-License-Identifier: Apache-2.0
// Solo5's hypercalls (Solo5 include/hvt_abi.h, version 2).
#include "vmm/dev/hvt.h"

#include <errno.h>

/* solo5_result_t, Solo5 include/solo5.h */
enum result {
	RESULT_OK,
	RESULT_AGAIN,
	RESULT_INVALID,
	RESULT_UNSPECIFIED,
};

/* Bytes of a trap frame that a halting kernel may leave behind. */
#define COOKIE_SIZE 512

struct call_walltime {
	uint64_t nsecs; /* out */
};

struct call_puts {
	uint64_t data;
	uint64_t len;
};

struct call_poll {
	uint64_t timeout_nsecs;
	uint64_t ready_set; /* out */
	int32_t ret;        /* out */
	int32_t padding;
};

struct call_block {
	uint64_t handle;
	uint64_t offset;
	uint64_t data;
	uint64_t len;
	int32_t ret; /* out */
	int32_t padding;
};

struct call_net {
	uint64_t handle;
	uint64_t data;
	uint64_t len; /* of a read: in and out */
	int32_t ret;  /* out */
	int32_t padding;
};

struct call_halt {
	uint64_t cookie;
	int32_t exit_status;
	int32_t padding;
};

/* The arguments of one call: copied in, served, and copied out again. */
union arguments {
	struct call_walltime walltime;
	struct call_puts puts;
	struct call_poll poll;
	struct call_block block;
	struct call_net net;
	struct call_halt halt;
};

/* Memory for data, NULL if it is none; of no bytes, wherever that is. */
static void *data_at(const struct hvt *hvt, uint64_t gpa, uint64_t size)
{
	const struct gmem *mem = hvt->wires.mem;

	return size ? gmem_ptr(mem, gpa, size) : mem->region[0].host;
}

static const struct solo5_device *
device_of(const struct hvt *hvt, uint64_t handle, enum solo5_kind kind)
{
	const struct solo5_device *d;

	if (handle >= hvt->manifest->count)
		return NULL;
	d = &hvt->manifest->device[handle];
	return d->kind == kind && d->attached ? d : NULL;
}

/* Each call returns false when what it points to is no memory. */

static bool walltime(struct hvt *hvt, union arguments *a)
{
	const struct timebase *t = &hvt->wires.time;

	a->walltime.nsecs = t->realtime_ns(t->ctx);
	return true;
}

static bool put_text(struct hvt *hvt, union arguments *a)
{
	const struct sink *console = &hvt->wires.console;
	const void *data = data_at(hvt, a->puts.data, a->puts.len);

	if (data)
		console->put(console->ctx, data, a->puts.len);
	return data;
}

static bool poll_net(struct hvt *hvt, union arguments *a)
{
	a->poll.ready_set =
		hvt->wires.wait(hvt->wires.ctx, a->poll.timeout_nsecs);
	a->poll.ret = __builtin_popcountll(a->poll.ready_set);
	return true;
}

static bool block_io(struct hvt *hvt, struct call_block *c, bool write)
{
	const struct solo5_device *d = device_of(hvt, c->handle, SOLO5_BLOCK);
	void *data;

	if (!d || c->offset >= d->capacity ||
	    c->len > d->capacity - c->offset) {
		c->ret = RESULT_INVALID;
		return true;
	}
	data = data_at(hvt, c->data, c->len);
	if (!data)
		return false;
	c->ret = hvt->wires.block_io(hvt->wires.ctx, (unsigned int)c->handle,
				     write, c->offset, data, c->len)
			 ? RESULT_UNSPECIFIED
			 : RESULT_OK;
	return true;
}

static bool block_write(struct hvt *hvt, union arguments *a)
{
	return block_io(hvt, &a->block, true);
}

static bool block_read(struct hvt *hvt, union arguments *a)
{
	return block_io(hvt, &a->block, false);
}

static bool net_write(struct hvt *hvt, union arguments *a)
{
	struct call_net *c = &a->net;
	const void *data = data_at(hvt, c->data, c->len);

	if (!device_of(hvt, c->handle, SOLO5_NET)) {
		c->ret = RESULT_INVALID;
		return true;
	}
	if (!data)
		return false;
	c->ret = hvt->wires.net_send(hvt->wires.ctx, (unsigned int)c->handle,
				     data, c->len)
			 ? RESULT_UNSPECIFIED
			 : RESULT_OK;
	return true;
}

static bool net_read(struct hvt *hvt, union arguments *a)
{
	struct call_net *c = &a->net;
	void *data = data_at(hvt, c->data, c->len);
	int64_t size;

	if (!device_of(hvt, c->handle, SOLO5_NET)) {
		c->ret = RESULT_INVALID;
		return true;
	}
	if (!data)
		return false;
	size = hvt->wires.net_receive(hvt->wires.ctx, (unsigned int)c->handle,
				      data, c->len);
	c->ret = size >= 0         ? RESULT_OK
		 : size == -EAGAIN ? RESULT_AGAIN
				   : RESULT_UNSPECIFIED;
	c->len = size >= 0 ? (uint64_t)size : 0;
	return true;
}

static bool halt(struct hvt *hvt, union arguments *a)
{
	const struct power *p = &hvt->wires.power;

	if (a->halt.cookie && !data_at(hvt, a->halt.cookie, COOKIE_SIZE))
		return false;
	p->stop(p->ctx, POWER_EXIT, "hypercall halt",
		(uint32_t)a->halt.exit_status);
	return true;
}

static const struct call {
	const char *name;
	uint64_t size; /* of its arguments */
	bool (*serve)(struct hvt *hvt, union arguments *a);
} calls[] = {
	[1] = { "hypercall walltime", sizeof(struct call_walltime), walltime },
	[2] = { "hypercall puts", sizeof(struct call_puts), put_text },
	[3] = { "hypercall poll", sizeof(struct call_poll), poll_net },
	[4] = { "hypercall block_write", sizeof(struct call_block),
		block_write },
	[5] = { "hypercall block_read", sizeof(struct call_block), block_read },
	[6] = { "hypercall net_write", sizeof(struct call_net), net_write },
	[7] = { "hypercall net_read", sizeof(struct call_net), net_read },
	[8] = { "hypercall halt", sizeof(struct call_halt), halt },
};

static void hvt_write(void *dev, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct hvt *hvt = dev;
	const struct power *p = &hvt->wires.power;
	const struct gmem *mem = hvt->wires.mem;
	const struct call *call;
	union arguments a;

	if (size != 4 || offset == 0 ||
	    offset >= sizeof(calls) / sizeof(calls[0])) {
		p->stop(p->ctx, POWER_BAD_CALL, "no such hypercall",
			(uint32_t)value);
		return;
	}
	call = &calls[offset];
	if (gmem_read(mem, value, &a, call->size) != 0 ||
	    !call->serve(hvt, &a) ||
	    gmem_write(mem, value, &a, call->size) != 0)
		p->stop(p->ctx, POWER_BAD_CALL, call->name, (uint32_t)value);
}

/* Nothing can be read. */
static const struct bus_ops hvt_ops = { .write = hvt_write };

void hvt_attach(struct hvt *hvt, struct bus *pio,
		const struct solo5_manifest *manifest,
		const struct hvt_wires *wires)
{
	*hvt = (struct hvt){ .wires = *wires, .manifest = manifest };
	bus_add(pio, &(struct bus_range){ "hvt", HVT_PORT, HVT_PORTS, &hvt_ops,
					  hvt });
}
