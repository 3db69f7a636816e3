/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock of somebody else's, told from a counter of our own. Numbers only, no
 * kernel.
 *
 * One reading of the other clock falls between two of the counter. So at the
 * second of these the clock shows at least that; and it goes no slower than the
 * counter by more than a little. The line tells a time that the clock certainly
 * has passed: who reads the clock afterwards sees a later time.
 */
#ifndef MINNOW_LINUX_TIMELINE_H
#define MINNOW_LINUX_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

/* The counter is taken to be too fast by 2^-TIMELINE_SLOW, 244 ppm. */
#define TIMELINE_SLOW 12

/* A clock that is behind by so much has been set. */
#define TIMELINE_STEP_NS 1000000000ull

/**
 * struct timeline - one clock; all zero: nothing is known
 * @at_ns: counter
 * @clock_ns: what the clock showed at least
 * @told_ns: the latest time that was told
 * @checked_ns: counter when the clock was read last
 * @is_known: it was
 */
struct timeline {
	uint64_t at_ns;
	uint64_t clock_ns;
	uint64_t told_ns;
	uint64_t checked_ns;
	bool is_known;
};

/**
 * timeline_tell() - the time
 * @line: known
 * @now_ns: counter
 *
 * Return: never less than before, unless the clock was set.
 */
uint64_t timeline_tell(struct timeline *line, uint64_t now_ns);

/**
 * timeline_learn() - the clock was read
 * @line: changed
 * @clock_ns: what it showed
 * @start_ns: counter before
 * @end_ns: counter after
 *
 * Return: @clock_ns, or a later time that was told before it was read.
 */
uint64_t timeline_learn(struct timeline *line, uint64_t clock_ns,
			uint64_t start_ns, uint64_t end_ns);

/**
 * timeline_stretch() - for how long to wait on the counter
 * @ns: until so much more time is told
 *
 * Return: nanoseconds, not less than @ns.
 */
static inline uint64_t timeline_stretch(uint64_t ns)
{
	uint64_t more = (ns >> (TIMELINE_SLOW - 1)) + 1;

	return ns < UINT64_MAX - more ? ns + more : UINT64_MAX;
}

#endif
