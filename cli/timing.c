// SPDX-License-Identifier: Apache-2.0
// --timing: where the time of one run went.
#include "cli/timing.h"

#include <inttypes.h>

#include "base/tally.h"
#include "cli/outcome.h"

#define COLUMNS 48

const char *timing_phase(enum run_phase phase)
{
	static const char *const words[RUN_PHASES] = {
		[PHASE_IMAGE] = "recognise the image",
		[PHASE_VM] = "create the machine",
		[PHASE_LOADED] = "load the image",
		[PHASE_CPUS] = "set up the CPUs",
		[PHASE_OUTPUT] = "kernel, to its first output",
		[PHASE_STOPPED] = "kernel, to its end",
		[PHASE_FLUSHED] = "write what is left",
	};

	return words[phase];
}

/* The time axis: column 0 is main(), the last one the end. */
struct axis {
	uint64_t start;
	uint64_t length;
};

static unsigned int column(const struct axis *a, uint64_t ns)
{
	unsigned __int128 scaled = (unsigned __int128)(ns - a->start) * COLUMNS;

	scaled /= a->length;
	return scaled < COLUMNS ? (unsigned int)scaled : COLUMNS - 1;
}

static void row(FILE *out, const struct axis *a, const char *words,
		uint64_t from, uint64_t to)
{
	unsigned int first = column(a, from);
	unsigned int last = column(a, to);

	fprintf(out, "  %-28s %9" PRIu64 ".%03" PRIu64 "  |", words,
		(to - from) / 1000000, (to - from) / 1000 % 1000);
	for (unsigned int i = 0; i < COLUMNS; i++)
		putc(i >= first && i <= last ? '#' : ' ', out);
	fputs("|\n", out);
}

static void mark(FILE *out, const struct axis *a, unsigned int id, uint64_t at)
{
	unsigned int here = column(a, at);

	fprintf(out, "  mark %-23u %9" PRIu64 ".%03" PRIu64 "  |", id,
		(at - a->start) / 1000000, (at - a->start) / 1000 % 1000);
	for (unsigned int i = 0; i < COLUMNS; i++)
		putc(i == here ? '^' : ' ', out);
	fputs("|\n", out);
}

static void put_picture(FILE *out, const struct exit_report *report,
			const struct axis *a)
{
	uint64_t before = a->start;
	bool any = false;

	fprintf(out, "dive: %" PRIu64 ".%03" PRIu64 " ms\n",
		a->length / 1000000, a->length / 1000 % 1000);
	for (enum run_phase p = PHASE_IMAGE; p < RUN_PHASES; p++) {
		if (report->phase_ns[p] < before)
			continue; /* not reached */
		row(out, a, timing_phase(p), before, report->phase_ns[p]);
		before = report->phase_ns[p];
	}
	for (unsigned int i = 0; i < REPORT_MARKS_MAX; i++)
		if (report->mark_ns[i] >= a->start &&
		    report->mark_ns[i] <= a->start + a->length)
			mark(out, a, i, report->mark_ns[i]);
	fputs("  exits:", out);
	for (enum exit_kind k = 0; k < EXIT_KINDS; k++) {
		if (!report->exits[k])
			continue;
		fprintf(out, "%s %" PRIu64 " %s", any ? "," : "",
			report->exits[k], event_name(k));
		any = true;
	}
	fputs(any ? "\n" : " none\n", out);
}

static void put_plain(FILE *out, const struct exit_report *report,
		      const struct axis *a)
{
	uint64_t before = a->start;

	for (enum run_phase p = PHASE_IMAGE; p < RUN_PHASES; p++) {
		if (report->phase_ns[p] < before)
			continue;
		fprintf(out, "%s\tns\t%" PRIu64 "\n", outcome_phase(p),
			report->phase_ns[p] - before);
		before = report->phase_ns[p];
	}
	fprintf(out, "total\tns\t%" PRIu64 "\n", a->length);
	for (unsigned int i = 0; i < REPORT_MARKS_MAX; i++)
		if (report->mark_ns[i] >= a->start)
			fprintf(out, "mark %u\tns\t%" PRIu64 "\n", i,
				report->mark_ns[i] - a->start);
	for (enum exit_kind k = 0; k < EXIT_KINDS; k++)
		fprintf(out, "exits %s\t\t%" PRIu64 "\n", event_name(k),
			report->exits[k]);
}

uint64_t timing_length(const struct exit_report *report)
{
	uint64_t start = report->phase_ns[PHASE_START];
	uint64_t end = start;

	for (enum run_phase p = PHASE_IMAGE; p < RUN_PHASES; p++)
		if (report->phase_ns[p] > end)
			end = report->phase_ns[p];
	return end - start;
}

void timing_print(FILE *out, const struct exit_report *report, bool picture)
{
	struct axis a = { .start = report->phase_ns[PHASE_START],
			  .length = timing_length(report) };

	if (a.length == 0)
		return; /* it did not even begin */
	if (picture)
		put_picture(out, report, &a);
	else
		put_plain(out, report, &a);
}
