// SPDX-License-Identifier: Apache-2.0
// Counts and latencies of events, in a table that nobody can make grow.
#include "base/tally.h"

#include <stddef.h>

const char *event_name(unsigned int kind)
{
	static const char *const names[EVENT_KINDS] = {
		[EXIT_PIO] = "pio",
		[EXIT_MMIO] = "mmio",
		[EXIT_DOORBELL] = "doorbell",
		[EXIT_MSR] = "msr",
		[EXIT_INTERRUPTED] = "interrupted",
		[EXIT_OTHER] = "other",
		[EVENT_LINE] = "irq",
		[EVENT_MSI] = "msi",
	};

	return names[kind];
}

bool event_has_address(unsigned int kind)
{
	return kind != EXIT_DOORBELL && kind != EXIT_INTERRUPTED;
}

static void add(struct tally_row *row, uint64_t accesses, uint64_t ns)
{
	unsigned int i = ns ? 63u - (unsigned int)__builtin_clzll(ns) : 0;

	row->count++;
	row->accesses += accesses;
	row->total_ns += ns;
	if (ns > row->max_ns)
		row->max_ns = ns;
	row->bucket[i < TALLY_BUCKETS ? i : TALLY_BUCKETS - 1]++;
}

static bool is_alike(const struct tally_row *row, const struct exit_event *ev)
{
	return row->kind == ev->kind && row->write == ev->write &&
	       row->addr == ev->addr;
}

/* Its row, a free one, or NULL: linear probing from a hash of the address. */
static struct tally_row *find(struct tally *t, const struct exit_event *ev)
{
	/* Fibonacci hashing (Knuth, TAOCP 3, 6.4); the top ten bits. */
	uint64_t key = ev->addr << 4 ^ (uint64_t)ev->kind << 1 ^ ev->write;
	uint64_t at = key * 0x9e3779b97f4a7c15u >> 54;

	for (unsigned int i = 0; i < TALLY_SLOTS; i++) {
		struct tally_row *row = &t->row[(at + i) % TALLY_SLOTS];

		if (row->count == 0)
			return t->rows < TALLY_ROWS ? row : NULL;
		if (is_alike(row, ev))
			return row;
	}
	return NULL;
}

void tally_add(struct tally *t, const struct exit_event *ev, uint64_t accesses,
	       uint64_t ns)
{
	struct tally_row *row;

	t->kind[ev->kind].kind = ev->kind;
	add(&t->kind[ev->kind], accesses, ns);
	row = event_has_address(ev->kind) ? find(t, ev) : NULL;
	if (!row)
		return;
	if (row->count == 0) {
		row->kind = ev->kind;
		row->write = ev->write;
		row->addr = ev->addr;
		t->rows++;
	}
	add(row, accesses, ns);
}

uint64_t tally_median(const struct tally_row *row)
{
	uint64_t seen = 0;

	for (unsigned int i = 0; i < TALLY_BUCKETS; i++) {
		uint64_t middle = (UINT64_C(3) << i) / 2;

		seen += row->bucket[i];
		if (seen > 0 && seen >= row->count - seen)
			return middle < row->max_ns ? middle : row->max_ns;
	}
	return 0;
}
