/* SPDX-License-Identifier: Apache-2.0 */
/* Solo5's hypercalls: an OUT of 32 bits, the address of a structure. */
#ifndef VMM_DEV_HVT_H
#define VMM_DEV_HVT_H

#include "base/gmem.h"
#include "loader/solo5.h"
#include "vmm/bus.h"
#include "vmm/wire.h"

#define HVT_PORT  0x500
#define HVT_PORTS 12 /* the last call with its 4 bytes */

/**
 * struct hvt_wires - what the hypercalls are connected to
 * @mem: guest memory
 * @console: takes what puts brings
 * @power: ends the run
 * @time: clocks
 * @block_io: reads or writes @size bytes of device @handle at @offset, all
 *	within its capacity; @bytes is guest memory; 0 or -errno
 * @net_send: one frame; 0 or -errno
 * @net_receive: one frame of at most @size bytes; its size, -EAGAIN or another
 *	-errno
 * @wait: sleeps until a frame waits, the time is over or the run ends; the set
 *	of handles on which a frame waits. Signals are served meanwhile
 * @ctx: passed to the four above; they are called with the device lock held
 */
struct hvt_wires {
	const struct gmem *mem;
	struct sink console;
	struct power power;
	struct timebase time;
	int (*block_io)(void *ctx, unsigned int handle, bool write,
			uint64_t offset, void *bytes, uint64_t size);
	int (*net_send)(void *ctx, unsigned int handle, const void *bytes,
			uint64_t size);
	int64_t (*net_receive)(void *ctx, unsigned int handle, void *bytes,
			       uint64_t size);
	uint64_t (*wait)(void *ctx, uint64_t timeout_ns);
	void *ctx;
};

/**
 * struct hvt - the hypercalls of one kernel
 * @wires: see there
 * @manifest: its devices; borrowed
 */
struct hvt {
	struct hvt_wires wires;
	const struct solo5_manifest *manifest;
};

/**
 * hvt_attach() - claim the ports of all hypercalls
 * @hvt: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 * @manifest: borrowed
 * @wires: copied
 */
void hvt_attach(struct hvt *hvt, struct bus *pio,
		const struct solo5_manifest *manifest,
		const struct hvt_wires *wires);

#endif
