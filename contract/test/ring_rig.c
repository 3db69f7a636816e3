// SPDX-License-Identifier: ISC
// A ring with both its ends, for the tests of the ring.
#include "contract/test/ring_rig.h"

#include <stdlib.h>
#include <string.h>

int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	if (!rig)
		return -1;
	*state = rig;
	rig->ring = aligned_alloc(4096, LENGTH);
	if (!rig->ring)
		return -1;
	memset(rig->ring, 0, LENGTH);
	ring_format(rig->ring, SIZE);
	if (!ring_attach(&rig->producer, rig->ring, LENGTH) ||
	    !ring_attach(&rig->consumer, rig->ring, LENGTH))
		return -1;
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;

	free(rig->ring);
	free(rig);
	return 0;
}

static uint8_t pattern(uint32_t at)
{
	return (uint8_t)((at * 2654435761u) >> 24);
}

uint32_t rig_put(struct ring_end *end, uint32_t from, uint32_t count)
{
	uint8_t *to;
	uint32_t space = ring_space(end, &to);

	if (space > count)
		space = count;
	for (uint32_t i = 0; i < space; i++)
		to[i] = pattern(from + i);
	if (space)
		ring_produce(end, space);
	return space;
}

uint32_t rig_take(struct ring_end *end, uint32_t from, uint32_t count)
{
	const uint8_t *at;
	uint32_t avail = ring_avail(end, &at);

	if (avail > count)
		avail = count;
	for (uint32_t i = 0; i < avail; i++)
		if (at[i] != pattern(from + i))
			return UINT32_MAX;
	if (avail)
		ring_consume(end, avail);
	return avail;
}
