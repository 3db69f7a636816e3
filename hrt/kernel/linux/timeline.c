// SPDX-License-Identifier: Apache-2.0
// A line that stays below a clock, and never falls.
#include "timeline.h"

static uint64_t value_at(const struct timeline *line, uint64_t now_ns)
{
	/* Counters of two CPUs may differ. */
	uint64_t since = now_ns > line->at_ns ? now_ns - line->at_ns : 0;

	return line->clock_ns + since - (since >> TIMELINE_SLOW);
}

uint64_t timeline_tell(struct timeline *line, uint64_t now_ns)
{
	uint64_t value = value_at(line, now_ns);

	if (value > line->told_ns)
		line->told_ns = value;
	return line->told_ns;
}

uint64_t timeline_learn(struct timeline *line, uint64_t clock_ns,
			uint64_t start_ns, uint64_t end_ns)
{
	uint64_t took = end_ns > start_ns ? end_ns - start_ns : 0;
	uint64_t value = value_at(line, end_ns);

	/* What the line says lies above what is possible: it was too fast. */
	bool is_above = value > clock_ns && value - clock_ns > took;

	line->checked_ns = end_ns;
	if (!line->is_known || value < clock_ns || is_above) {
		line->at_ns = end_ns;
		line->clock_ns = clock_ns;
		line->is_known = true;
	}
	if (line->told_ns > clock_ns + took + TIMELINE_STEP_NS)
		line->told_ns = clock_ns;
	return line->told_ns > clock_ns ? line->told_ns : clock_ns;
}
