/* SPDX-License-Identifier: ISC */
/* The byte ring: one producer, one consumer, no lock (contract section 8). */
#ifndef DIVE_RING_H
#define DIVE_RING_H

#include "types.h"

#define DIVE_RING_MAGIC    0x474e4952 /* "RING" little endian */
#define DIVE_RING_HEADER   4096       /* bytes before the data */
#define DIVE_RING_SIZE_MIN 4096u
#define DIVE_RING_SIZE_MAX (1u << 30)

/* ring.producer_state */
#define DIVE_RING_OPEN 0
#define DIVE_RING_EOF  1 /* nothing follows what is in the ring */
/* ring.consumer_state */
#define DIVE_RING_CLOSED 1 /* nobody reads any more */

#ifndef __ASSEMBLER__

/**
 * struct dive_ring - header page of a ring; the data follows it
 * @magic: host: DIVE_RING_MAGIC
 * @version: host: DIVE_CONTRACT_VERSION
 * @header: host: bytes from here to the data, DIVE_RING_HEADER
 * @size: host: bytes of data, a power of two within DIVE_RING_SIZE_*
 * @write_index: producer: bytes ever written, modulo 2^32
 * @producer_state: producer: DIVE_RING_OPEN or DIVE_RING_EOF
 * @producer_waits: producer: 1 = ring my doorbell when there is space
 * @read_index: consumer: bytes ever read, modulo 2^32
 * @consumer_state: consumer: DIVE_RING_OPEN or DIVE_RING_CLOSED
 * @consumer_waits: consumer: 1 = ring my doorbell when there is data
 *
 * Each side keeps the size and its own index privately and never reads them
 * back. A distance write_index - read_index above size means that the other
 * side is broken.
 */
struct dive_ring {
	uint32_t magic;
	uint32_t version;
	uint32_t header;
	uint32_t size;
	uint32_t reserved0[12];
	uint32_t write_index;
	uint32_t producer_state;
	uint32_t producer_waits;
	uint32_t reserved1[13];
	uint32_t read_index;
	uint32_t consumer_state;
	uint32_t consumer_waits;
	uint32_t reserved2[13];
};

DIVE_STATIC_ASSERT(offsetof(struct dive_ring, write_index) == 64, "ring");
DIVE_STATIC_ASSERT(offsetof(struct dive_ring, read_index) == 128, "ring");
DIVE_STATIC_ASSERT(sizeof(struct dive_ring) == 192, "ring");

#endif /* __ASSEMBLER__ */

#endif
