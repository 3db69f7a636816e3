// SPDX-License-Identifier: Apache-2.0
// The outcome of a run as one JSON line.
#include "cli/outcome.h"

#include "base/tally.h"
#include "cli/status.h"

const char *outcome_phase(enum run_phase phase)
{
	static const char *const names[RUN_PHASES] = {
		[PHASE_START] = "start",     [PHASE_IMAGE] = "image",
		[PHASE_VM] = "vm",           [PHASE_LOADED] = "loaded",
		[PHASE_CPUS] = "cpus",       [PHASE_OUTPUT] = "output",
		[PHASE_STOPPED] = "stopped", [PHASE_FLUSHED] = "flushed",
	};

	return names[phase];
}

/* Times since main(); what was not reached is left out. */
static void put_times(struct json *j, const struct exit_report *report)
{
	uint64_t start = report->phase_ns[PHASE_START];
	char id[16];

	/* CLOCK_MONOTONIC, so that others can set it beside their own clock. */
	json_number(j, "start_ns", start); /* CLOCK_MONOTONIC at main() */
	json_open(j, "phases_ns", '{');
	for (enum run_phase p = PHASE_IMAGE; p < RUN_PHASES; p++)
		if (report->phase_ns[p] >= start)
			json_number(j, outcome_phase(p),
				    report->phase_ns[p] - start);
	json_close(j, '}');
	json_open(j, "marks_ns", '{');
	for (unsigned int i = 0; i < REPORT_MARKS_MAX; i++) {
		if (report->mark_ns[i] < start)
			continue;
		snprintf(id, sizeof(id), "%u", i);
		json_number(j, id, report->mark_ns[i] - start);
	}
	json_close(j, '}');
	if (report->phase_ns[PHASE_FLUSHED] >= start)
		json_number(j, "wall_ns",
			    report->phase_ns[PHASE_FLUSHED] - start);
}

void outcome_run(struct json *j, const struct exit_report *report, int status)
{
	json_string(j, "cause", status_cause(report->reason));
	json_number(j, "status", (uint64_t)status);
	if (report->reason == STOP_EXIT)
		json_number(j, "code", report->status);
	if (report->reason == STOP_SIGNAL || report->reason == STOP_KILLED)
		json_number(j, "signal", report->status);
	if (report->text[0])
		json_string(j, "text", report->text);
	json_string(j, "channel", report->channel);
	json_string(j, "protocol", report->protocol);
	json_open(j, "exits", '{');
	for (enum exit_kind k = 0; k < EXIT_KINDS; k++)
		json_number(j, event_name(k), report->exits[k]);
	json_close(j, '}');
	json_number(j, "unclaimed", report->unclaimed);
	json_string(j, "broken_ring", report->broken_ring);
	json_string(j, "broken_device",
		    report->broken_device[0] ? report->broken_device : NULL);
	json_open(j, "bytes", '{');
	json_number(j, "in", report->bytes_in);
	json_number(j, "out", report->bytes_out);
	json_number(j, "console", report->bytes_console);
	json_close(j, '}');
	put_times(j, report);
}

void outcome_error(struct json *j, const struct err *e)
{
	int status = status_of_error(e);

	json_string(j, "cause",
		    status == STATUS_REFUSED     ? "refused"
		    : status == STATUS_NOT_FOUND ? "not-found"
						 : "failed");
	json_number(j, "status", (uint64_t)status);
	json_string(j, "text", e->msg);
}
