// SPDX-License-Identifier: ISC
// Fuzz: a ring whose other side, header included, is the fuzzer.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contract/lib/ring.h"

#define LENGTH (DIVE_RING_HEADER + 2 * DIVE_RING_SIZE_MIN)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct ring_end *end, const uint8_t *at, uint32_t count)
{
	const uint8_t *first = end->data;

	if (count && (at < first || count > end->size ||
		      (size_t)(at - first) > end->size - count))
		abort();
	if (count && end->broken)
		abort();
}

/* One byte says what to do, four what the other side writes before. */
static void step(struct ring_end *in, struct ring_end *out,
		 const uint8_t *bytes)
{
	struct dive_ring *ring = in->ring;
	const uint8_t *from = NULL;
	uint8_t *to = NULL;
	uint32_t value, count;

	memcpy(&value, bytes + 1, sizeof(value));
	switch (bytes[0] & 7) {
	case 0:
		ring->write_index = value;
		break;
	case 1:
		ring->read_index = value;
		break;
	case 2:
		ring->write_index = in->index + (value & 0x3fff);
		break;
	case 3:
		ring->read_index = out->index - (value & 0x3fff);
		break;
	case 4:
		ring->size = value;
		break;
	case 5:
		ring->producer_state = value;
		ring->consumer_state = value >> 8;
		break;
	}
	count = ring_avail(in, &from);
	check(in, from, count);
	if (count) {
		volatile uint8_t sink = from[count - 1];

		(void)sink;
		ring_consume(in, bytes[0] & 8 ? count : 1);
	}
	count = ring_space(out, &to);
	check(out, to, count);
	if (count) {
		to[count - 1] = 1;
		ring_produce(out, bytes[0] & 16 ? count : 1);
	}
	/* A side may sleep only when there is nothing for it to do. */
	if (ring_consumer_arm(in) &&
	    (ring_avail(in, &from) || ring_end_of_data(in)))
		abort();
	if (ring_producer_arm(out) &&
	    (ring_space(out, &to) || ring_is_closed(out)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ring_end in, out;
	struct dive_ring *ring;

	if (size < 16)
		return 0;
	ring = malloc(LENGTH);
	if (!ring)
		return 0;
	memset(ring, 0, LENGTH);
	memcpy(ring, bytes, 16);
	if (!ring_attach(&in, ring, LENGTH)) {
		ring_format(ring, DIVE_RING_SIZE_MIN);
		if (!ring_attach(&in, ring, LENGTH))
			abort();
	}
	out = in;
	for (size_t at = 16; at + 5 <= size; at += 5)
		step(&in, &out, bytes + at);
	free(ring);
	return 0;
}
