/* SPDX-License-Identifier: Apache-2.0 */
/* A bus: which device answers at which address. */
#ifndef VMM_BUS_H
#define VMM_BUS_H

#include <stdbool.h>
#include <stdint.h>

#define BUS_RANGES_MAX 48

/**
 * struct bus_ops - what a device does when it is addressed
 * @read: offset is relative to the registered base; size is 1, 2, 4 or 8
 *	bytes and lies inside the window; returns the value, upper bits ignored
 * @write: the same, upper bits of value are 0
 * @size_max: widest access the device takes, 0 = any. Wider accesses, those
 *	that leave the window and those of 3, 5, 6 or 7 bytes reach it byte by
 *	byte, as on an ISA bus
 *
 * Called with the machine's device lock held, on a vCPU thread.
 */
struct bus_ops {
	uint64_t (*read)(void *dev, uint64_t offset, unsigned int size);
	void (*write)(void *dev, uint64_t offset, unsigned int size,
		      uint64_t value);
	unsigned int size_max;
};

/**
 * struct bus_range - one registered device window
 * @name: for reports and statistics
 * @base: first address
 * @size: bytes or ports
 * @ops: a NULL @read gives all ones, a NULL @write drops (but is claimed)
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
 * @unclaimed: accesses of which at least one byte belonged to nobody
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
 * bus_add_if_free() - register a window where the guest wants it
 * @bus: the bus
 * @range: copied
 *
 * Return: false when it overlaps another, leaves the address space, or there
 * are too many; then nothing has changed.
 */
bool bus_add_if_free(struct bus *bus, const struct bus_range *range);

/**
 * bus_remove() - take a window away
 * @bus: the bus
 * @base: of a registered window (asserted)
 */
void bus_remove(struct bus *bus, uint64_t base);

/**
 * bus_read() - a guest load or IN
 * @bus: the bus
 * @addr: address or port
 * @size: 1 to 8
 * @ret_claimed: false when a byte of it belongs to nobody (may be NULL)
 *
 * An access of 1, 2, 4 or 8 bytes inside one window is one call of its device.
 * Any other is made byte by byte, lowest address first; bytes of nobody, and
 * bytes behind the last address of 64 bits, read all ones.
 *
 * Return: the value.
 */
uint64_t bus_read(struct bus *bus, uint64_t addr, unsigned int size,
		  bool *ret_claimed);

/**
 * bus_write() - a guest store or OUT
 * @bus: the bus
 * @addr: address or port
 * @size: 1 to 8
 * @value: upper bits are ignored
 *
 * Split like a read.
 *
 * Return: false when a byte of it belongs to nobody.
 */
bool bus_write(struct bus *bus, uint64_t addr, unsigned int size,
	       uint64_t value);

/**
 * bus_name() - who is there
 * @bus: the bus
 * @addr: address or port
 *
 * Return: name of the window, static string; NULL for none.
 */
const char *bus_name(const struct bus *bus, uint64_t addr);

#endif
