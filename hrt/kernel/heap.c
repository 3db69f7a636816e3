// SPDX-License-Identifier: Apache-2.0
// The heap: pages cut into objects of one size; large objects are blocks of
// ram.c. The two differ in that only the latter begin at a page.
#include "heap.h"

#include "list.h"
#include "lock.h"
#include "ram.h"

#define SIZE_MIN 32ul
#define CLASSES  6 /* 32, 64, ... 1024 */

/* At the start of a page of objects. */
struct slab {
	struct list link; /* among those of its class that have a free object */
	void *free;       /* each free object points to the next */
	uint16_t used;
	uint16_t class;
	uint32_t reserved;
};

_Static_assert(sizeof(struct slab) == SIZE_MIN, "objects stay aligned");

static struct list slabs[CLASSES];
static struct spin lock;

void heap_init(void)
{
	for (int i = 0; i < CLASSES; i++)
		list_init(&slabs[i]);
}

static struct slab *new_slab(unsigned int class)
{
	size_t size = SIZE_MIN << class;
	struct slab *slab = ram_alloc(0);

	if (!slab)
		return NULL;
	*slab = (struct slab){ .class = (uint16_t) class };
	for (size_t at = sizeof(*slab); at + size <= RAM_PAGE; at += size) {
		void **object = (void **)((uintptr_t)slab + at);

		*object = slab->free;
		slab->free = object;
	}
	list_add(&slabs[class], &slab->link);
	return slab;
}

static void *alloc_object(unsigned int class)
{
	uint64_t flags = spin_lock(&lock);
	struct list *first = list_first(&slabs[class]);
	struct slab *slab;
	void **object = NULL;

	slab = first ? LIST_ENTRY(first, struct slab, link) : new_slab(class);
	if (slab) {
		object = slab->free;
		slab->free = *object;
		slab->used++;
		if (!slab->free)
			list_remove(&slab->link);
	}
	spin_unlock(&lock, flags);
	return object;
}

void *heap_alloc(size_t size)
{
	unsigned int class = 0;
	void *memory;

	while (class < CLASSES && SIZE_MIN << class < size)
		class ++;
	memory = class < CLASSES ? alloc_object(class)
				 : ram_alloc(ram_order(size));
	return memory ? memset(memory, 0, size) : NULL;
}

void heap_free(void *memory)
{
	uintptr_t at = (uintptr_t)memory;
	struct slab *slab = (struct slab *)(at & ~(RAM_PAGE - 1));
	void **object = memory;
	uint64_t flags;

	if (at % RAM_PAGE == 0) {
		ram_free(memory);
		return;
	}
	flags = spin_lock(&lock);
	if (!slab->free)
		list_add(&slabs[slab->class], &slab->link);
	*object = slab->free;
	slab->free = object;
	if (!--slab->used) {
		list_remove(&slab->link);
		ram_free(slab);
	}
	spin_unlock(&lock, flags);
}
