/* SPDX-License-Identifier: Apache-2.0 */
/* A bus: which device answers at which address. */
#ifndef VMM_BUS_H
#define VMM_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define BUS_RANGES_MAX 32

/**
 * struct bus_ops - what a device does when it is addressed
 * @read: offset is relative to the registered base; size is 1, 2, 4 or 8
 *	bytes and offset + size may pass the end of the range by size - 1;
 *	returns the value, upper bits ignored
 * @write: the same, upper bits of value are 0
 *
 * Called with the machine's device lock held, on a vCPU thread.
 */
struct bus_ops {
	uint64_t (*read)(void *dev, uint64_t offset, unsigned int size);
	void (*write)(void *dev, uint64_t offset, unsigned int size,
		      uint64_t value);
};

/**
 * struct bus_range - one registered device window
 * @name: for reports and statistics
 * @base: first address
 * @size: bytes or ports
 * @ops: NULL members: reads give all ones, writes are dropped (claimed)
 * @dev: passed to @ops; borrowed
 */
struct bus_range {
	const char *name;
	uint64_t base;
	uint64_t size;
	const struct bus_ops *ops;
	void *dev;
};

/**
 * struct bus - ranges in ascending order
 * @count: entries of @range
 * @range: the windows
 * @unclaimed: accesses that no device claimed
 */
struct bus {
	unsigned int count;
	struct bus_range range[BUS_RANGES_MAX];
	uint64_t unclaimed;
};

/**
 * bus_add() - register a window
 * @bus: zeroed before the first call
 * @range: copied
 *
 * Overlap and overflow are programmer errors (asserted): the board is fixed.
 */
void bus_add(struct bus *bus, const struct bus_range *range);

/**
 * bus_read() - a guest load or IN
 * @bus: the bus
 * @addr: address or port
 * @size: 1, 2, 4 or 8
 * @ret_claimed: false when no device answered (may be NULL)
 *
 * Return: the value; all ones (of @size bytes) from nobody.
 */
uint64_t bus_read(struct bus *bus, uint64_t addr, unsigned int size,
		  bool *ret_claimed);

/**
 * bus_write() - a guest store or OUT
 * @bus: the bus
 * @addr: address or port
 * @size: 1, 2, 4 or 8
 * @value: upper bits are ignored
 *
 * Return: false when no device answered.
 */
bool bus_write(struct bus *bus, uint64_t addr, unsigned int size,
	       uint64_t value);

#endif
