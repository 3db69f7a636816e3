// SPDX-License-Identifier: Apache-2.0
// Fuzzes the virtqueue: the input is what the guest has in its memory, and how
// it changes. No chain ever leaves memory or is longer than the queue.
#include <string.h>

#include "vmm/dev/test/fuzz.h"
#include "vmm/virtio/queue.h"
#include "vmm/virtio/test/rig.h"

struct model {
	struct rig rig;
	struct virtq q;
	struct iovec iov[RIG_SIZE];
};

static void check_chain(const struct model *m, const struct virtq_chain *c)
{
	uint64_t total = 0;

	FUZZ_CHECK(c->readable + c->writable >= 1);
	FUZZ_CHECK(c->readable + c->writable <= m->q.size);
	FUZZ_CHECK(c->head < m->q.size);
	for (unsigned int i = 0; i < c->readable + c->writable; i++) {
		const uint8_t *at = m->iov[i].iov_base;

		FUZZ_CHECK(m->iov[i].iov_len > 0);
		FUZZ_CHECK(at >= m->rig.ram);
		FUZZ_CHECK(at + m->iov[i].iov_len <= m->rig.ram + RIG_MEMORY);
		total += m->iov[i].iov_len;
	}
	FUZZ_CHECK(total <= UINT32_MAX);
}

static void take_all(struct model *m)
{
	struct virtq_chain c = { .iov = m->iov, .max = RIG_SIZE };
	unsigned int taken = 0;

	while (virtq_pop(&m->q, &c)) {
		check_chain(m, &c);
		virtq_push(&m->q, c.head, 0);
		/* The used ring may lie on the other: then it feeds itself. */
		if (++taken > RIG_SIZE)
			return;
	}
}

static void step(struct model *m, struct fuzz_input *in)
{
	unsigned int op = (unsigned int)fuzz_take(in, 1) % 8;
	uint64_t where = fuzz_take(in, 2);
	unsigned int bytes = fuzz_size(in);
	uint64_t value = fuzz_take(in, bytes);
	bool was_broken = m->q.broken;

	if (op < 3) { /* the guest writes to its memory */
		if (where + bytes <= RIG_MEMORY)
			memcpy(m->rig.ram + where, &value, bytes);
	} else if (op == 3) {
		rig_desc(&m->rig, where % RIG_SIZE,
			 (struct vring_desc){ RIG_BUFFER + (value & 0xffff),
					      (uint32_t)(value >> 16) & 0x1fff,
					      (value >> 32) & 7,
					      (value >> 40) & 0x1f });
	} else if (op == 4) {
		rig_offer(&m->rig, (uint16_t)(value % (RIG_SIZE + 1)));
	} else if (op == 5) {
		take_all(m);
	} else if (op == 6) {
		(void)virtq_wants_interrupt(&m->q);
		virtq_disarm(&m->q);
		(void)virtq_arm(&m->q);
	} else if (was_broken) {
		virtq_reset(&m->q);
		m->q.size = value & 0x1f;
		m->q.desc_at = RIG_DESC + (where & 0xff);
		m->q.avail_at = value >> 8;
		m->q.used_at = RIG_USED + (value >> 40);
		m->q.indirect = where & 0x100;
		m->q.event_idx = where & 0x200;
		(void)virtq_enable(&m->q, &m->rig.mem);
	}
	FUZZ_CHECK(!was_broken || op == 7 || m->q.broken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	static struct model m;

	rig_memory(&m.rig);
	m.q = (struct virtq){ .size_max = RIG_SIZE };
	virtq_reset(&m.q);
	m.q.desc_at = RIG_DESC;
	m.q.avail_at = RIG_AVAIL;
	m.q.used_at = RIG_USED;
	m.q.indirect = true;
	FUZZ_CHECK(virtq_enable(&m.q, &m.rig.mem));
	for (int i = 0; i < FUZZ_STEPS_MAX && in.left > 0; i++)
		step(&m, &in);
	rig_free(&m.rig);
	return 0;
}
