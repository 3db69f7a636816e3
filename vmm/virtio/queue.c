// SPDX-License-Identifier: Apache-2.0
// A split virtqueue, the device's end of it (virtio 1.2, 2.7).
#include "vmm/virtio/queue.h"

#include <linux/virtio_ring.h>
#include <stddef.h>
#include <string.h>

/* Written out: ThreadSanitizer does not take __atomic_thread_fence(). */
static void fence(void)
{
	__asm__ volatile("lock; orl $0, (%%rsp)" ::: "memory", "cc");
}

static bool fail(struct virtq *q, const char *why)
{
	if (!q->broken)
		q->broken = why;
	return false;
}

void virtq_reset(struct virtq *q)
{
	*q = (struct virtq){ .size_max = q->size_max, .size = q->size_max };
}

/* 2.7: sizes and alignments of the three parts; events are behind the rings. */
bool virtq_enable(struct virtq *q, const struct gmem *mem)
{
	uint64_t n = q->size;
	uint64_t avail = sizeof(struct vring_avail) + 2 * n + 2;
	uint64_t used = sizeof(struct vring_used) +
			sizeof(struct vring_used_elem) * n + 2;

	q->ready = true;
	q->mem = mem;
	if (n == 0 || n > q->size_max || (n & (n - 1)))
		return fail(q, "its size is not a power of two on offer");
	if (q->desc_at % 16 || q->avail_at % 2 || q->used_at % 4)
		return fail(q, "its parts are not aligned");
	q->desc = gmem_ptr(mem, q->desc_at, sizeof(struct vring_desc) * n);
	q->avail = gmem_ptr(mem, q->avail_at, avail);
	q->used = gmem_ptr(mem, q->used_at, used);
	if (!q->desc || !q->avail || !q->used)
		return fail(q, "its parts are not in memory");
	return true;
}

static bool usable(const struct virtq *q)
{
	return q->ready && !q->broken;
}

/* The descriptors of a chain: the queue's own table, or an indirect one. */
struct table {
	const struct vring_desc *desc;
	uint32_t count;
	bool indirect;
};

static bool open_indirect(struct virtq *q, struct table *t,
			  const struct vring_desc *d)
{
	if (!q->indirect || t->indirect)
		return fail(q, "an indirect table where none may be");
	if (d->flags & VRING_DESC_F_NEXT)
		return fail(q, "a descriptor is both indirect and chained");
	if (d->len == 0 || d->len % sizeof(*d) || d->len / sizeof(*d) > q->size)
		return fail(q, "an indirect table of a wrong size");
	t->desc = gmem_ptr(q->mem, d->addr, d->len);
	t->count = d->len / (uint32_t)sizeof(*d);
	t->indirect = true;
	return t->desc || fail(q, "an indirect table outside memory");
}

static bool add_segment(struct virtq *q, struct virtq_chain *c,
			const struct vring_desc *d)
{
	bool writable = d->flags & VRING_DESC_F_WRITE;
	unsigned int at = c->readable + c->writable;
	void *host = gmem_ptr(q->mem, d->addr, d->len);

	if (at == c->max)
		return fail(q, "a chain longer than the queue");
	if (d->len == 0 || !host)
		return fail(q, "a buffer outside memory");
	if (!writable && c->writable)
		return fail(q, "a readable buffer behind a writable one");
	c->iov[at] = (struct iovec){ host, d->len };
	c->readable += !writable;
	c->writable += writable;
	return true;
}

/* The tables may lie anywhere and change under us: one copy of each entry. */
static struct vring_desc copy_desc(const struct vring_desc *from)
{
	struct vring_desc d;

	memcpy(&d, from, sizeof(d));
	/* The compiler must not read it a second time. */
	__asm__ volatile("" : "+m"(d));
	return d;
}

static bool walk(struct virtq *q, struct virtq_chain *c)
{
	struct table t = { q->desc, q->size, false };
	uint32_t next = c->head;
	uint64_t total = 0;

	/* One step more than entries: the one that opens an indirect table. */
	for (uint32_t steps = 0; steps <= q->size; steps++) {
		struct vring_desc d;

		if (next >= t.count)
			return fail(q, "a descriptor that does not exist");
		d = copy_desc(&t.desc[next]);
		if (d.flags & VRING_DESC_F_INDIRECT) {
			if (!open_indirect(q, &t, &d))
				return false;
			next = 0;
			continue;
		}
		if (!add_segment(q, c, &d))
			return false;
		total += d.len;
		if (total > UINT32_MAX)
			return fail(q, "a chain of more than 4 GiB");
		if (!(d.flags & VRING_DESC_F_NEXT))
			return true;
		next = d.next;
	}
	return fail(q, "a chain that does not end");
}

bool virtq_take(struct virtq *q, uint16_t *ret_head)
{
	uint16_t waiting;

	if (!usable(q))
		return false;
	/* Pairs with the driver's release of what the entries describe. */
	waiting = (uint16_t)(__atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE) -
			     q->taken);
	if (waiting == 0)
		return false;
	if (waiting > q->size)
		return fail(q, "more entries than the ring has");
	*ret_head = __atomic_load_n(&q->avail->ring[q->taken % q->size],
				    __ATOMIC_RELAXED);
	if (*ret_head >= q->size)
		return fail(q, "a descriptor that does not exist");
	q->taken++;
	return true;
}

bool virtq_walk(struct virtq *q, struct virtq_chain *chain)
{
	chain->readable = 0;
	chain->writable = 0;
	return usable(q) && walk(q, chain);
}

bool virtq_pop(struct virtq *q, struct virtq_chain *chain)
{
	return virtq_take(q, &chain->head) && virtq_walk(q, chain);
}

void virtq_unpop(struct virtq *q, unsigned int count)
{
	q->taken = (uint16_t)(q->taken - count);
}

void virtq_fill(struct virtq *q, unsigned int ahead, uint16_t head,
		uint32_t written)
{
	struct vring_used_elem *e;

	if (!usable(q))
		return;
	e = &q->used->ring[(uint16_t)(q->given + ahead) % q->size];
	e->id = head;
	e->len = written;
}

void virtq_give(struct virtq *q, unsigned int count)
{
	if (!usable(q))
		return;
	q->given = (uint16_t)(q->given + count);
	__atomic_store_n(&q->used->idx, q->given, __ATOMIC_RELEASE);
}

void virtq_push(struct virtq *q, uint16_t head, uint32_t written)
{
	virtq_fill(q, 0, head, written);
	virtq_give(q, 1);
}

/* 2.7.10: the driver's used_event lies behind its ring. */
bool virtq_wants_interrupt(struct virtq *q)
{
	uint16_t old = q->signalled, event;

	if (!usable(q) || q->given == old)
		return false;
	q->signalled = q->given;
	/* Our index before its wish: pairs with the driver's own fence. */
	fence();
	if (!q->event_idx)
		return !(__atomic_load_n(&q->avail->flags, __ATOMIC_RELAXED) &
			 VRING_AVAIL_F_NO_INTERRUPT);
	event = __atomic_load_n(&q->avail->ring[q->size], __ATOMIC_RELAXED);
	return vring_need_event(event, q->given, old);
}

/* avail_event, behind the device's ring. */
static uint16_t *avail_event(struct virtq *q)
{
	return (uint16_t *)(void *)&q->used->ring[q->size];
}

void virtq_disarm(struct virtq *q)
{
	if (usable(q) && !q->event_idx)
		__atomic_store_n(&q->used->flags, VRING_USED_F_NO_NOTIFY,
				 __ATOMIC_RELAXED);
}

bool virtq_arm(struct virtq *q)
{
	if (!usable(q))
		return false;
	if (q->event_idx)
		__atomic_store_n(avail_event(q), q->taken, __ATOMIC_RELAXED);
	else
		__atomic_store_n(&q->used->flags, 0, __ATOMIC_RELAXED);
	/* Our wish before its index: pairs with the driver's own fence. */
	fence();
	return __atomic_load_n(&q->avail->idx, __ATOMIC_RELAXED) != q->taken;
}
