/* SPDX-License-Identifier: ISC */
/* The two ends of a byte ring; the same code runs in host and kernel. */
#ifndef CONTRACT_LIB_RING_H
#define CONTRACT_LIB_RING_H

#include <stdbool.h>

#include "../dive/ring.h"

/**
 * struct ring_end - private state of one side of a ring
 * @ring: shared header
 * @data: shared bytes
 * @size: bytes of data; never read back from @ring
 * @index: this side's own index; never read back from @ring
 * @broken: the other side published an impossible index
 */
struct ring_end {
	struct dive_ring *ring;
	uint8_t *data;
	uint32_t size;
	uint32_t index;
	bool broken;
};

/**
 * ring_format() - make an empty ring of zeroed memory (host)
 * @ring: DIVE_RING_HEADER + @size zero bytes
 * @size: bytes of data, a power of two within DIVE_RING_SIZE_*
 */
void ring_format(struct dive_ring *ring, uint32_t size);

/**
 * ring_attach() - take one end of a formatted ring
 * @end: written on success only
 * @ring: shared memory, borrowed for as long as @end is used
 * @length: bytes mapped at @ring
 *
 * Return: false when the header is not that of a ring within @length.
 */
bool ring_attach(struct ring_end *end, struct dive_ring *ring, uint64_t length);

/**
 * ring_space() - find where the producer may write
 * @end: producer's end
 * @ret_at: set to the first free byte when the result is not 0
 *
 * Return: contiguous free bytes; 0 when full or broken.
 */
uint32_t ring_space(struct ring_end *end, uint8_t **ret_at);

/**
 * ring_produce() - publish bytes written at ring_space()
 * @end: producer's end
 * @count: bytes, at most what ring_space() returned
 */
void ring_produce(struct ring_end *end, uint32_t count);

/**
 * ring_avail() - find what the consumer may read
 * @end: consumer's end
 * @ret_at: set to the first unread byte when the result is not 0
 *
 * Return: contiguous readable bytes; 0 when empty or broken. The other side
 * may change the bytes while they are read: copy, then validate.
 */
uint32_t ring_avail(struct ring_end *end, const uint8_t **ret_at);

/**
 * ring_consume() - give bytes back to the producer
 * @end: consumer's end
 * @count: bytes, at most what ring_avail() returned
 */
void ring_consume(struct ring_end *end, uint32_t count);

/**
 * ring_end_of_data() - has the producer finished and all been read
 * @end: consumer's end
 *
 * Return: true after EOF with nothing left, or when the ring is broken.
 */
bool ring_end_of_data(struct ring_end *end);

/**
 * ring_set_eof() - say that nothing follows (producer)
 * @end: producer's end
 */
void ring_set_eof(struct ring_end *end);

/**
 * ring_close() - say that nobody reads any more (consumer)
 * @end: consumer's end
 */
void ring_close(struct ring_end *end);

/**
 * ring_is_closed() - has the consumer gone
 * @end: producer's end
 *
 * Return: true when nothing written will be read, or the ring is broken.
 */
bool ring_is_closed(struct ring_end *end);

/**
 * ring_producer_arm() - ask for a doorbell when there is space
 * @end: producer's end
 *
 * Return: true when the ring is still full, so that the caller may sleep;
 * false when it must look again first.
 */
bool ring_producer_arm(struct ring_end *end);

/**
 * ring_consumer_arm() - ask for a doorbell when there is data or EOF
 * @end: consumer's end
 *
 * Return: true when the ring is still empty and open, so that the caller may
 * sleep; false when it must look again first.
 */
bool ring_consumer_arm(struct ring_end *end);

/**
 * ring_producer_disarm() - take ring_producer_arm() back
 * @end: producer's end
 */
void ring_producer_disarm(struct ring_end *end);

/**
 * ring_consumer_disarm() - take ring_consumer_arm() back
 * @end: consumer's end
 */
void ring_consumer_disarm(struct ring_end *end);

/**
 * ring_consumer_sleeps() - must the producer ring the doorbell
 * @end: producer's end, after ring_produce() or ring_set_eof()
 *
 * Return: true when the consumer asked to be woken. Full fence inside.
 */
bool ring_consumer_sleeps(struct ring_end *end);

/**
 * ring_producer_sleeps() - must the consumer ring the doorbell
 * @end: consumer's end, after ring_consume() or ring_close()
 *
 * Return: true when the producer asked to be woken. Full fence inside.
 */
bool ring_producer_sleeps(struct ring_end *end);

#endif
