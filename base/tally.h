/* SPDX-License-Identifier: Apache-2.0 */
/* Counts and latencies of events, in a table that nobody can make grow. */
#ifndef BASE_TALLY_H
#define BASE_TALLY_H

#include "base/run.h"

#define TALLY_BUCKETS 40
#define TALLY_SLOTS   1024 /* a power of two */
#define TALLY_ROWS    768

/**
 * struct tally_row - events alike
 * @kind: enum exit_kind or EVENT_
 * @write: the guest wrote, or a line rose
 * @addr: port, address, MSR, reason of KVM, line or vector
 * @name: of the device; static string, NULL = none
 * @count: events; 0 = the row is free
 * @accesses: of REP INS and OUTS several in one event
 * @total_ns: how long the guest waited for dive
 * @max_ns: the longest
 * @bucket: [i] took less than 2^(i+1) ns and not less than 2^i (but for 0 ns,
 *	in [0]); the last one has all that took longer
 */
struct tally_row {
	unsigned int kind;
	bool write;
	uint64_t addr;
	const char *name;
	uint64_t count;
	uint64_t accesses;
	uint64_t total_ns;
	uint64_t max_ns;
	uint64_t bucket[TALLY_BUCKETS];
};

/**
 * struct tally - all events of a run
 * @kind: all of a kind
 * @row: the same by address and direction, anywhere in the table
 * @rows: used ones; when TALLY_ROWS are, further addresses count in @kind only
 * @guest_ns: all CPUs, inside KVM_RUN: the guest, KVM and waiting
 * @untold: events that a trace had no room or time for
 */
struct tally {
	struct tally_row kind[EVENT_KINDS];
	struct tally_row row[TALLY_SLOTS];
	unsigned int rows;
	uint64_t guest_ns;
	uint64_t untold;
};

/**
 * event_name() - short name of a kind of event
 * @kind: below EVENT_KINDS
 *
 * Return: static string without blanks.
 */
const char *event_name(unsigned int kind);

/**
 * event_has_address() - are there ports, addresses or numbers to tell apart
 * @kind: below EVENT_KINDS
 *
 * Return: false for doorbell and interrupted.
 */
bool event_has_address(unsigned int kind);

/**
 * tally_add() - count one event
 * @t: zeroed at first
 * @ev: kind, direction and address
 * @accesses: see struct tally_row
 * @ns: how long it took
 *
 * A constant number of steps, no memory of its own. Not reentrant.
 */
void tally_add(struct tally *t, const struct exit_event *ev, uint64_t accesses,
	       uint64_t ns);

/**
 * tally_median() - half of the events took no longer
 * @row: any row
 *
 * Return: ns, the middle of the bucket; right within a factor of 1.5, and
 * never more than @row->max_ns; 0 when the row is free.
 */
uint64_t tally_median(const struct tally_row *row);

#endif
