/* SPDX-License-Identifier: Apache-2.0 */
/* What devices are plugged into, the same on every board: output, power, time. */
#ifndef VMM_PLUG_H
#define VMM_PLUG_H

#include "vmm/machine.h"
#include "vmm/wire.h"

#define PLUG_RING_SIZE  65536u
#define PLUG_RING_BYTES (DIVE_RING_HEADER + PLUG_RING_SIZE)

/**
 * plug_join() - connect a device and a stream by a new ring
 * @memory: PLUG_RING_BYTES, zeroed, aligned as from calloc()
 * @ours: the device's end
 * @theirs: the stream's end
 */
void plug_join(uint8_t *memory, struct ring_end *ours, struct ring_end *theirs);

/**
 * plug_streams() - the host's ends: output, console, input
 * @m: config set; streams are written, but for their rings and callbacks
 */
void plug_streams(struct machine *m);

/**
 * plug_put() - a device's output
 * @m: running machine; lock held, released while there is no room
 * @end: the device's end of the ring
 * @bytes: output
 * @count: entries of @bytes
 */
void plug_put(struct machine *m, struct ring_end *end, const uint8_t *bytes,
	      size_t count);

/**
 * plug_offer() - output that does not wait for room
 * @m: running machine; lock held
 * @end: the device's end of the ring
 * @bytes: output
 * @count: entries of @bytes
 *
 * Return: how many were taken; when there is room again, streams.changed is
 * called.
 */
size_t plug_offer(struct machine *m, struct ring_end *end, const uint8_t *bytes,
		  size_t count);

/**
 * plug_flush() - write what devices have buffered
 * @m: lock held
 */
void plug_flush(struct machine *m);

/**
 * plug_lost() - struct streams.lost of machines that cannot be told
 * @ctx: the machine
 */
void plug_lost(void *ctx);

/**
 * plug_power() - how devices end the run
 * @m: machine
 *
 * Return: for the wires of a device; with the lock held.
 */
struct power plug_power(struct machine *m);

/* The host's clocks. */
extern const struct timebase plug_time;

#endif
