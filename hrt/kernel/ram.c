// SPDX-License-Identifier: Apache-2.0
// A buddy allocator: a block and the one beside it join when both are free.
#include "ram.h"

#include "list.h"
#include "lock.h"

/* What a zone's map says of a page; 0: it is inside a block. */
#define HEAD_FREE 0x40 /* of a free block: | its order */
#define HEAD_USED 0x80 /* of an allocated block: | its order */
#define ORDER     0x1f

/* A range without holes. */
struct zone {
	uint64_t first; /* page number */
	uint64_t end;
	uint8_t *map; /* a byte per page, in the range's first pages */
};

static struct zone zones[DIVE_RANGES_MAX * 2];
static unsigned int zone_count;
/* Free blocks hold their own links. */
static struct list free_blocks[RAM_ORDERS];
static struct spin lock;

static struct zone *zone_of(uint64_t page)
{
	for (unsigned int i = 0; i < zone_count; i++)
		if (page >= zones[i].first && page < zones[i].end)
			return &zones[i];
	return NULL;
}

static struct list *block_link(uint64_t page)
{
	return (struct list *)(page * RAM_PAGE);
}

static void put(struct zone *zone, uint64_t page, unsigned int order)
{
	zone->map[page - zone->first] = (uint8_t)(HEAD_FREE | order);
	list_add(free_blocks[order].next, block_link(page));
}

/* Puts a block back, joined with its neighbours as far as they are free. */
static void join(struct zone *zone, uint64_t page, unsigned int order)
{
	for (; order + 1 < RAM_ORDERS; order++) {
		uint64_t buddy = page ^ 1ull << order;

		if (buddy < zone->first || buddy >= zone->end ||
		    zone->map[buddy - zone->first] != (HEAD_FREE | order))
			break;
		list_remove(block_link(buddy));
		zone->map[buddy - zone->first] = 0;
		zone->map[page - zone->first] = 0;
		page &= ~(1ull << order);
	}
	put(zone, page, order);
}

static void add_zone(struct dive_range range)
{
	uint64_t first = (range.start + RAM_PAGE - 1) / RAM_PAGE;
	uint64_t end = (range.start + range.size) / RAM_PAGE;
	uint64_t map_pages, page;
	struct zone *zone = &zones[zone_count];

	/* Too small to be worth it. */
	if (end < first + 8)
		return;
	map_pages = (end - first + RAM_PAGE - 1) / RAM_PAGE;
	*zone = (struct zone){ first, end, (uint8_t *)(first * RAM_PAGE) };
	zone_count++;
	memset(zone->map, 0, end - first);
	for (page = first + map_pages; page < end;) {
		unsigned int order = 0;

		while (order + 1 < RAM_ORDERS && !(page & 1ull << order) &&
		       page + (2ull << order) <= end)
			order++;
		put(zone, page, order);
		page += 1ull << order;
	}
}

void ram_init(const struct dive_boot *boot)
{
	for (unsigned int i = 0; i < RAM_ORDERS; i++)
		list_init(&free_blocks[i]);
	for (uint32_t i = 0; i < boot->free_count; i++)
		add_zone(boot->free[i]);
}

void *ram_alloc(unsigned int order)
{
	unsigned int from = order;
	struct zone *zone;
	uint64_t flags, page;

	flags = spin_lock(&lock);
	while (from < RAM_ORDERS && list_is_empty(&free_blocks[from]))
		from++;
	if (from >= RAM_ORDERS) {
		spin_unlock(&lock, flags);
		return NULL;
	}
	page = (uintptr_t)free_blocks[from].next / RAM_PAGE;
	list_remove(block_link(page));
	zone = zone_of(page);
	while (from > order) {
		from--;
		put(zone, page + (1ull << from), from);
	}
	zone->map[page - zone->first] = (uint8_t)(HEAD_USED | order);
	spin_unlock(&lock, flags);
	return (void *)(page * RAM_PAGE);
}

unsigned int ram_order(size_t size)
{
	unsigned int order = 0;

	while (order < RAM_ORDERS && RAM_PAGE << order < size)
		order++;
	return order;
}

void ram_free(void *block)
{
	uint64_t page = (uintptr_t)block / RAM_PAGE, flags;
	struct zone *zone = zone_of(page);
	uint8_t head;

	if (!block)
		return;
	flags = spin_lock(&lock);
	head = zone ? zone->map[page - zone->first] : 0;
	if (!(head & HEAD_USED))
		dive_panic("ram_free: nothing was allocated at %p", block);
	join(zone, page, head & ORDER);
	spin_unlock(&lock, flags);
}

uint64_t ram_count(uint64_t free[RAM_ORDERS])
{
	uint64_t bytes = 0, flags = spin_lock(&lock);
	struct list *link;

	for (unsigned int i = 0; i < RAM_ORDERS; i++) {
		free[i] = 0;
		LIST_EACH(link, &free_blocks[i])
			free[i]++;
		bytes += free[i] * (RAM_PAGE << i);
	}
	spin_unlock(&lock, flags);
	return bytes;
}
