// SPDX-License-Identifier: ISC
// Console, standard input and output on the rings (contract section 8).
#include "internal.h"

static struct ring_end rings[RINGS];

void dive_io_init(void)
{
	for (int i = 0; i < RINGS; i++) {
		struct dive_range at = dive_links.ring[i];

		if (at.size &&
		    !ring_attach(&rings[i], (struct dive_ring *)at.start,
				 at.size))
			rings[i].ring = NULL;
	}
}

/*
 * Sleeps when may_sleep. Interrupts are off since before the ring was looked
 * at, so the doorbell cannot slip in between. Only one CPU gets doorbells.
 */
static void wait_if(bool may_sleep)
{
	struct dive_control *control = dive_control();

	if (may_sleep && control->irq_vector &&
	    control->irq_apicid == dive_apicid())
		dive_wait();
	else
		dive_pause();
	dive_irq_on();
}

static long write_ring(struct ring_end *end, const void *buffer, size_t size)
{
	const uint8_t *from = buffer;
	size_t left = size;
	uint32_t space;
	uint8_t *to;

	while (left && !ring_is_closed(end)) {
		space = ring_space(end, &to);
		if (space) {
			if (space > left)
				space = (uint32_t)left;
			memcpy(to, from, space);
			ring_produce(end, space);
			from += space;
			left -= space;
			if (ring_consumer_sleeps(end))
				dive_ring_host();
			continue;
		}
		dive_irq_off();
		wait_if(ring_producer_arm(end));
		ring_producer_disarm(end);
	}
	return left ? -1 : (long)size;
}

static long write_any(enum dive_ring_id id, const void *buffer, size_t size)
{
	if (rings[id].ring)
		return write_ring(&rings[id], buffer, size);
	if (dive_control())
		return -1;
	dive_pc_write(buffer, size);
	return (long)size;
}

long dive_write(const void *buffer, size_t size)
{
	return write_any(RING_STDOUT, buffer, size);
}

long dive_console_write(const void *buffer, size_t size)
{
	return write_any(RING_CONSOLE, buffer, size);
}

long dive_read(void *buffer, size_t size)
{
	struct ring_end *end = &rings[RING_STDIN];
	const uint8_t *from;
	uint32_t avail;
	bool may_sleep;

	if (!end->ring)
		return dive_control() ? 0 : dive_pc_read(buffer, size);
	while (!(avail = ring_avail(end, &from))) {
		if (ring_end_of_data(end))
			return 0;
		dive_irq_off();
		if (dive_shutdown()) {
			dive_irq_on();
			return -1;
		}
		may_sleep = ring_consumer_arm(end);
		/* An empty ring has space: a sleeping producer must know. */
		if (ring_producer_sleeps(end))
			dive_ring_host();
		wait_if(may_sleep);
		ring_consumer_disarm(end);
	}
	if (avail > size)
		avail = (uint32_t)size;
	memcpy(buffer, from, avail);
	ring_consume(end, avail);
	if (ring_producer_sleeps(end))
		dive_ring_host();
	return avail;
}
