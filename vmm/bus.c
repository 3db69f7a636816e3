// SPDX-License-Identifier: Apache-2.0
// Finds the device that answers at an address.
#include "vmm/bus.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static uint64_t ones(unsigned int size)
{
	return UINT64_MAX >> (64 - 8 * size);
}

bool bus_add_if_free(struct bus *bus, const struct bus_range *range)
{
	uint64_t last;
	unsigned int i = bus->count;

	assert(range->size > 0 && range->ops);
	if (bus->count == BUS_RANGES_MAX ||
	    __builtin_add_overflow(range->base, range->size - 1, &last))
		return false;
	while (i > 0 && bus->range[i - 1].base > range->base)
		i--;
	if ((i > 0 &&
	     range->base - bus->range[i - 1].base < bus->range[i - 1].size) ||
	    (i < bus->count && last >= bus->range[i].base))
		return false;
	memmove(&bus->range[i + 1], &bus->range[i],
		(bus->count - i) * sizeof(bus->range[0]));
	bus->range[i] = *range;
	bus->count++;
	return true;
}

void bus_add(struct bus *bus, const struct bus_range *range)
{
	bool added = bus_add_if_free(bus, range);

	assert(added);
	(void)added;
}

void bus_remove(struct bus *bus, uint64_t base)
{
	unsigned int i = 0;

	while (i < bus->count && bus->range[i].base != base)
		i++;
	assert(i < bus->count);
	bus->count--;
	memmove(&bus->range[i], &bus->range[i + 1],
		(bus->count - i) * sizeof(bus->range[0]));
}

/* The window that holds @addr, NULL for none. */
static const struct bus_range *find(const struct bus *bus, uint64_t addr)
{
	unsigned int lo = 0;
	unsigned int hi = bus->count;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;
		const struct bus_range *r = &bus->range[mid];

		if (addr < r->base)
			hi = mid;
		else if (addr - r->base >= r->size)
			lo = mid + 1;
		else
			return r;
	}
	return NULL;
}

/*
 * The device that takes the access in one piece, NULL for none. An access that
 * crosses a page comes in two, of 1 to 7 bytes each: devices do not know those.
 */
static const struct bus_range *find_whole(const struct bus *bus, uint64_t addr,
					  unsigned int size)
{
	const struct bus_range *r = find(bus, addr);

	if (!r || r->size - (addr - r->base) < size || (size & (size - 1)))
		return NULL;
	if (r->ops->size_max && size > r->ops->size_max)
		return NULL;
	return r;
}

static uint64_t read_one(const struct bus_range *r, uint64_t addr,
			 unsigned int size)
{
	if (!r->ops->read)
		return ones(size);
	return r->ops->read(r->dev, addr - r->base, size) & ones(size);
}

static void write_one(const struct bus_range *r, uint64_t addr,
		      unsigned int size, uint64_t value)
{
	if (r->ops->write)
		r->ops->write(r->dev, addr - r->base, size, value & ones(size));
}

uint64_t bus_read(struct bus *bus, uint64_t addr, unsigned int size,
		  bool *ret_claimed)
{
	const struct bus_range *r = find_whole(bus, addr, size);
	uint64_t value = 0;
	bool claimed = true;

	assert(size >= 1 && size <= 8);
	if (r) {
		value = read_one(r, addr, size);
	} else {
		for (unsigned int i = 0; i < size; i++) {
			uint64_t byte = 0xff;

			r = addr + i >= addr ? find(bus, addr + i) : NULL;
			if (r)
				byte = read_one(r, addr + i, 1);
			else
				claimed = false;
			value |= byte << (8 * i);
		}
	}
	bus->unclaimed += !claimed;
	if (ret_claimed)
		*ret_claimed = claimed;
	return value;
}

bool bus_write(struct bus *bus, uint64_t addr, unsigned int size,
	       uint64_t value)
{
	const struct bus_range *r = find_whole(bus, addr, size);
	bool claimed = true;

	assert(size >= 1 && size <= 8);
	if (r) {
		write_one(r, addr, size, value);
		return true;
	}
	for (unsigned int i = 0; i < size; i++) {
		r = addr + i >= addr ? find(bus, addr + i) : NULL;
		if (r)
			write_one(r, addr + i, 1, value >> (8 * i));
		else
			claimed = false;
	}
	bus->unclaimed += !claimed;
	return claimed;
}

const char *bus_name(const struct bus *bus, uint64_t addr)
{
	const struct bus_range *r = find(bus, addr);

	return r ? r->name : NULL;
}
