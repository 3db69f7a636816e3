// SPDX-License-Identifier: Apache-2.0
// --timing of a program: from the command to its first instruction.
#include "cli/program_time.h"

#include <inttypes.h>

#include "contract/dive/delegate.h"

static const char *const names[PROGRAM_PARTS] = {
	[PART_ROS_BOOT] = "ros_boot", [PART_HRT_BOOT] = "hrt_boot",
	[PART_CONNECT] = "connect",   [PART_LOAD] = "load",
	[PART_ALL] = "entered",       [PART_RUN] = "run",
};

static uint64_t between(uint64_t from, uint64_t to)
{
	return from && to > from ? to - from : 0;
}

void program_time_split(struct program_time *t, const struct program *p,
			const struct exit_report *report)
{
	const uint64_t start = report->phase_ns[PHASE_START];
	const uint64_t *mark = report->mark_ns;
	uint64_t waits = mark[DIVE_MARK_WAITS];

	*t = (struct program_time){ 0 };
	if (!p || p->keep) /* of several ones the marks are the last one's */
		return;
	t->valid = true;
	t->ns[PART_ROS_BOOT] = between(start, p->ready_ns);
	t->ns[PART_HRT_BOOT] = between(start, waits);
	t->ns[PART_CONNECT] = between(p->ready_ns > waits ? p->ready_ns : waits,
				      mark[DIVE_MARK_TAKEN]);
	t->ns[PART_LOAD] =
		between(mark[DIVE_MARK_TAKEN], mark[DIVE_MARK_ENTERED]);
	t->ns[PART_RUN] = between(mark[DIVE_MARK_ENTERED], p->ended_ns);
	t->ns[PART_ALL] = between(start, mark[DIVE_MARK_ENTERED]);
}

void program_time_print(const struct program_time *t, FILE *out)
{
	for (unsigned int i = 0; t->valid && i < PROGRAM_PARTS; i++)
		if (t->ns[i])
			fprintf(out, "program %s\tns\t%" PRIu64 "\n", names[i],
				t->ns[i]);
}

void program_time_json(const struct program_time *t, struct json *j)
{
	if (!t->valid)
		return;
	json_open(j, "program_ns", '{');
	for (unsigned int i = 0; i < PROGRAM_PARTS; i++)
		if (t->ns[i])
			json_number(j, names[i], t->ns[i]);
	json_close(j, '}');
}
