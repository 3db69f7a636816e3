// SPDX-License-Identifier: Apache-2.0
// Counters in the window, found by a hash table of the kernel's own.
#include "count.h"

#include <dive/delegate.h>

#include "../lock.h"
#include "channel.h"
#include "table.h"

/* An entry of the same index in the window belongs to it. */
struct entry {
	uint32_t how; /* DIVE_COUNT_FREE: nobody's; written last */
	uint32_t nr;
	uint32_t command;
	int error;
	uint64_t refused;
};

static struct dive_count *counts;
static struct entry entries[DIVE_COUNTS_MAX];
static struct spin lock; /* of entries that are free */

void count_init(struct dive_count *shared)
{
	memset(entries, 0, sizeof(entries));
	memset(shared, 0, DIVE_COUNTS_MAX * sizeof(*shared));
	counts = shared;
}

static unsigned int hash(uint32_t how, uint32_t nr, uint32_t command)
{
	uint32_t key = how * 31 + nr * 7 + command;

	return (key * 2654435761u >> 16) % DIVE_COUNTS_MAX;
}

/* With the lock held; another thread may have taken it meanwhile. */
static bool take(unsigned int i, uint32_t how, uint32_t nr, uint32_t command)
{
	struct entry *entry = &entries[i];

	if (entry->how)
		return false;
	entry->nr = counts[i].nr = nr;
	entry->command = counts[i].command = command;
	__atomic_store_n(&counts[i].how, how, __ATOMIC_RELEASE);
	__atomic_store_n(&entry->how, how, __ATOMIC_RELEASE);
	return true;
}

/* Index of the entry of a call; -1 when all are taken. */
static int find(uint32_t how, uint32_t nr, uint32_t command)
{
	unsigned int at = hash(how, nr, command);

	for (unsigned int n = 0; n < DIVE_COUNTS_MAX;) {
		unsigned int i = (at + n) % DIVE_COUNTS_MAX;
		struct entry *entry = &entries[i];
		uint32_t is = __atomic_load_n(&entry->how, __ATOMIC_ACQUIRE);

		if (is == DIVE_COUNT_FREE) {
			uint64_t flags = spin_lock(&lock);
			bool taken = take(i, how, nr, command);

			spin_unlock(&lock, flags);
			if (taken)
				return (int)i;
			continue;
		}
		if (is == how && entry->nr == nr && entry->command == command)
			return (int)i;
		n++;
	}
	return -1;
}

static void add(uint64_t *number, uint64_t more)
{
	__atomic_fetch_add(number, more, __ATOMIC_RELAXED);
}

static void add_bucket(uint32_t buckets[DIVE_BUCKETS], uint64_t cycles)
{
	__atomic_fetch_add(&buckets[dive_bucket(cycles)], 1, __ATOMIC_RELAXED);
}

void count_local(uint32_t how, uint32_t nr, uint32_t command, uint64_t cycles,
		 bool failed)
{
	int i = find(how, nr, command);

	if (i < 0)
		return;
	counts[i].policy = CALL_LOCAL;
	add(&counts[i].local, 1);
	add(&counts[i].local_cycles, cycles);
	if (failed)
		add(&counts[i].failed, 1);
}

void count_forward(uint32_t how, uint32_t nr, uint32_t command,
		   const struct call_cost *cost, bool failed)
{
	int i = find(how, nr, command);

	if (i < 0)
		return;
	counts[i].policy = CALL_FORWARD;
	add(&counts[i].forwarded, 1);
	add(&counts[i].channel_cycles, cost->total - cost->service);
	add(&counts[i].linux_cycles, cost->service);
	add_bucket(counts[i].channel, cost->total - cost->service);
	add_bucket(counts[i].service, cost->service);
	if (failed)
		add(&counts[i].failed, 1);
}

void count_refuse(uint32_t nr, uint32_t command, int error)
{
	int i = find(DIVE_COUNT_SYSCALL, nr, command);

	if (i < 0)
		return;
	counts[i].policy = CALL_REFUSE;
	add(&counts[i].refused, 1);
	add(&counts[i].failed, 1);
	entries[i].error = error;
	add(&entries[i].refused, 1);
}

bool count_refusal(unsigned int *at, struct count_refusal *refusal)
{
	for (unsigned int i = *at; i < DIVE_COUNTS_MAX; i++) {
		struct entry *entry = &entries[i];

		if (!entry->refused)
			continue;
		*refusal =
			(struct count_refusal){ entry->nr, entry->command,
						entry->error, entry->refused };
		*at = i + 1;
		return true;
	}
	return false;
}
