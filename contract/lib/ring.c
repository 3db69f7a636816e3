// SPDX-License-Identifier: ISC
// Byte ring of contract section 8: each side writes its own line, trusts none.
#include "ring.h"

#include "../dive/note.h"

/* Pairs with store_release() on the other side of the ring. */
static uint32_t load_acquire(const uint32_t *field)
{
	return __atomic_load_n(field, __ATOMIC_ACQUIRE);
}

static void store_release(uint32_t *field, uint32_t value)
{
	__atomic_store_n(field, value, __ATOMIC_RELEASE);
}

/*
 * Between "I set my waits flag" and "I look again", and between "I published"
 * and "I read your waits flag": without both fences each side can miss the
 * other (Dekker), on x86 too. Written out because ThreadSanitizer does not
 * take __atomic_thread_fence().
 */
static void fence(void)
{
	__asm__ volatile("lock; orl $0, (%%rsp)" ::: "memory", "cc");
}

static bool size_is_valid(uint32_t size)
{
	return size >= DIVE_RING_SIZE_MIN && size <= DIVE_RING_SIZE_MAX &&
	       (size & (size - 1)) == 0;
}

void ring_format(struct dive_ring *ring, uint32_t size)
{
	ring->magic = DIVE_RING_MAGIC;
	ring->version = DIVE_CONTRACT_VERSION;
	ring->header = DIVE_RING_HEADER;
	ring->size = size;
}

bool ring_attach(struct ring_end *end, struct dive_ring *ring, uint64_t length)
{
	uint32_t size = load_acquire(&ring->size);

	if (ring->magic != DIVE_RING_MAGIC ||
	    ring->version != DIVE_CONTRACT_VERSION ||
	    ring->header != DIVE_RING_HEADER || !size_is_valid(size) ||
	    length < DIVE_RING_HEADER || length - DIVE_RING_HEADER < size)
		return false;
	end->ring = ring;
	end->data = (uint8_t *)ring + DIVE_RING_HEADER;
	end->size = size;
	end->index = 0;
	end->broken = false;
	return true;
}

/* Bytes from mine to the end of the data, or count if that is less. */
static uint32_t contiguous(const struct ring_end *end, uint32_t count)
{
	uint32_t to_wrap = end->size - (end->index & (end->size - 1));

	return count < to_wrap ? count : to_wrap;
}

/* Unread bytes as the producer sees them; a broken ring counts as full. */
static uint32_t producer_fill(struct ring_end *end)
{
	uint32_t fill = end->index - load_acquire(&end->ring->read_index);

	if (fill > end->size)
		end->broken = true;
	return end->broken ? end->size : fill;
}

/* Unread bytes as the consumer sees them; a broken ring counts as empty. */
static uint32_t consumer_fill(struct ring_end *end)
{
	uint32_t fill = load_acquire(&end->ring->write_index) - end->index;

	if (fill > end->size)
		end->broken = true;
	return end->broken ? 0 : fill;
}

uint32_t ring_space(struct ring_end *end, uint8_t **ret_at)
{
	uint32_t space = end->size - producer_fill(end);

	if (space)
		*ret_at = end->data + (end->index & (end->size - 1));
	return contiguous(end, space);
}

void ring_produce(struct ring_end *end, uint32_t count)
{
	end->index += count;
	store_release(&end->ring->write_index, end->index);
}

uint32_t ring_avail(struct ring_end *end, const uint8_t **ret_at)
{
	uint32_t fill = consumer_fill(end);

	if (fill)
		*ret_at = end->data + (end->index & (end->size - 1));
	return contiguous(end, fill);
}

void ring_consume(struct ring_end *end, uint32_t count)
{
	end->index += count;
	store_release(&end->ring->read_index, end->index);
}

bool ring_end_of_data(struct ring_end *end)
{
	/* EOF first: data published before it must not be missed. */
	bool eof = load_acquire(&end->ring->producer_state) != DIVE_RING_OPEN;

	return (consumer_fill(end) == 0 && eof) || end->broken;
}

void ring_set_eof(struct ring_end *end)
{
	store_release(&end->ring->producer_state, DIVE_RING_EOF);
}

void ring_close(struct ring_end *end)
{
	store_release(&end->ring->consumer_state, DIVE_RING_CLOSED);
}

bool ring_is_closed(struct ring_end *end)
{
	return end->broken ||
	       load_acquire(&end->ring->consumer_state) != DIVE_RING_OPEN;
}

bool ring_producer_arm(struct ring_end *end)
{
	store_release(&end->ring->producer_waits, 1);
	fence();
	return producer_fill(end) == end->size && !ring_is_closed(end);
}

bool ring_consumer_arm(struct ring_end *end)
{
	store_release(&end->ring->consumer_waits, 1);
	fence();
	return consumer_fill(end) == 0 && !ring_end_of_data(end);
}

void ring_producer_disarm(struct ring_end *end)
{
	store_release(&end->ring->producer_waits, 0);
}

void ring_consumer_disarm(struct ring_end *end)
{
	store_release(&end->ring->consumer_waits, 0);
}

bool ring_consumer_sleeps(struct ring_end *end)
{
	fence();
	return load_acquire(&end->ring->consumer_waits) != 0;
}

bool ring_producer_sleeps(struct ring_end *end)
{
	fence();
	return load_acquire(&end->ring->producer_waits) != 0;
}
