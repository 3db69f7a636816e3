// SPDX-License-Identifier: Apache-2.0
// diver advise: the report as text.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/advise.h"
#include "cli/text.h"

#define NAME_COLUMNS 26
#define ROWS_MAX     24 /* of a histogram; the rest is one line */
#define RANKS_MAX    12
#define WORTHWHILE   0.95 /* of all that can be saved */

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

/* Seven characters and a unit. */
static void put_time(FILE *out, double seconds)
{
	if (seconds >= 1)
		fprintf(out, "%7.3f s ", seconds);
	else if (seconds >= 1e-3)
		fprintf(out, "%7.3f ms", seconds * 1e3);
	else
		fprintf(out, "%7.2f us", seconds * 1e6);
}

static void put_bar(FILE *out, char sign, double part, double whole,
		    unsigned int columns)
{
	double n = whole > 0 ? part / whole * columns + 0.5 : 0;

	if (part > 0 && n < 1)
		n = 1; /* what there is is seen */
	for (unsigned int i = 1; i <= n && i <= columns; i++)
		putc(sign, out);
}

static void put_part(FILE *out, const char *name, double seconds, double all,
		     unsigned int columns)
{
	fprintf(out, "  %-16s ", name);
	put_time(out, seconds);
	fprintf(out, " %6.2f %%  ", percent(seconds, all));
	put_bar(out, '#', seconds, all, columns > 44 ? columns - 44 : 0);
	putc('\n', out);
}

static void print_times(FILE *out, const struct report *r, unsigned int columns)
{
	struct times t = advise_times(r);

	fputs("Where the time went", out);
	if (r->load_s > 0)
		fprintf(out, ", %.3f s for loading the program among it",
			r->load_s);
	putc('\n', out);
	put_part(out, "computed", t.computed, t.all, columns);
	put_part(out, "served here", t.local, t.all, columns);
	put_part(out, "way to Linux", t.channel, t.all, columns);
	put_part(out, "in Linux", t.linux_s, t.all, columns);
	if (t.channel + t.linux_s + t.local > t.all)
		fputs("  (calls of several threads, so together more than the "
		      "run)\n",
		      out);
}

/* Of system calls only. */
static struct dive_count sum_rows(const struct report *r)
{
	struct dive_count sum = { .how = DIVE_COUNT_SYSCALL };

	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *c = &r->row[i];

		if (c->how != DIVE_COUNT_SYSCALL)
			continue;
		sum.forwarded += c->forwarded;
		sum.local += c->local;
		sum.refused += c->refused;
		sum.failed += c->failed;
	}
	return sum;
}

static unsigned int distinct_calls(const struct report *r)
{
	bool used[COUNTS_CALLS] = { false };
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *c = &r->row[i];

		if (c->how == DIVE_COUNT_SYSCALL && !used[c->nr]) {
			used[c->nr] = true;
			n++;
		}
	}
	return n;
}

/* How many of the most frequent cover how much. */
static void print_cover(FILE *out, const struct report *r, double all)
{
	static const unsigned int steps[] = { 3, 5, 10 };
	unsigned int n = 0, step = 0, used = distinct_calls(r);
	double sum = 0;

	fputs("  ", out);
	for (unsigned int i = 0; i < r->rows && step < 3; i++) {
		if (r->row[i].how != DIVE_COUNT_SYSCALL)
			continue;
		sum += report_calls(&r->row[i]);
		if (++n == steps[step]) {
			fprintf(out, "%s%u cover %.1f %%", step ? ", " : "", n,
				percent(sum, all));
			step++;
		}
	}
	fprintf(out, "%s%u calls are used, %u are not\n", step ? "; " : "",
		used, used < calls_known() ? calls_known() - used : 0);
}

static void put_histogram_row(FILE *out, const struct dive_count *c,
			      const double number[3], unsigned int columns)
{
	char name[CALLS_NAME_MAX];

	calls_name(c, name);
	fprintf(out, "  %-*s %10.0f %5.1f %6.1f  ", NAME_COLUMNS, name,
		report_calls(c), percent(report_calls(c), number[0]),
		percent(number[1], number[0]));
	put_bar(out, '#', (double)c->forwarded, number[2], columns);
	put_bar(out, '=', (double)c->local, number[2], columns);
	put_bar(out, 'x', (double)c->refused, number[2], columns);
	putc('\n', out);
}

static void print_histogram(FILE *out, const struct report *r,
			    unsigned int columns)
{
	struct dive_count sum = sum_rows(r);
	double all = report_calls(&sum), most = 0, shown = 0;
	unsigned int bar =
		columns > NAME_COLUMNS + 34 ? columns - NAME_COLUMNS - 32 : 2;
	unsigned int n = 0;

	fprintf(out,
		"System calls: %.0f; # forwarded %.0f, = served here %.0f, x "
		"refused %.0f; an error: %.0f\n",
		all, (double)sum.forwarded, (double)sum.local,
		(double)sum.refused, (double)sum.failed);
	if (all == 0)
		return;
	fprintf(out, "  %-*s %10s %5s %6s\n", NAME_COLUMNS, "", "count", "%",
		"so far");
	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *c = &r->row[i];
		double number[3];

		if (c->how != DIVE_COUNT_SYSCALL || n++ >= ROWS_MAX)
			continue;
		if (report_calls(c) > most)
			most = report_calls(c);
		shown += report_calls(c);
		number[0] = all;
		number[1] = shown;
		number[2] = most;
		put_histogram_row(out, c, number, bar);
	}
	if (n > ROWS_MAX)
		fprintf(out, "  %-*s %10.0f %5.1f  100.0\n", NAME_COLUMNS,
			"all others", all - shown, percent(all - shown, all));
	print_cover(out, r, all);
}

static void print_latencies(FILE *out, const struct report *r)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *c = &r->row[i];
		char name[CALLS_NAME_MAX];

		if (c->how != DIVE_COUNT_SYSCALL || !c->forwarded ||
		    n >= ROWS_MAX)
			continue;
		if (n++ == 0)
			fprintf(out,
				"Round trips, median and 99th percentile\n"
				"  %-*s %10s %10s  %10s %10s  %10s\n",
				NAME_COLUMNS, "", "the way", "99 %", "in Linux",
				"99 %", "all");
		calls_name(c, name);
		fprintf(out, "  %-*s ", NAME_COLUMNS, name);
		put_time(out, bucket_quantile(c->channel, 0.5) / r->tsc_hz);
		putc(' ', out);
		put_time(out, bucket_quantile(c->channel, 0.99) / r->tsc_hz);
		fputs("  ", out);
		put_time(out, bucket_quantile(c->service, 0.5) / r->tsc_hz);
		putc(' ', out);
		put_time(out, bucket_quantile(c->service, 0.99) / r->tsc_hz);
		fputs("  ", out);
		put_time(out,
			 ((double)c->channel_cycles + (double)c->linux_cycles) /
				 r->tsc_hz);
		putc('\n', out);
	}
}

static void print_rest(FILE *out, const struct report *r)
{
	const struct counts *t = &r->total;
	double faults = 0, maps = 0;
	double answers = (double)t->call_spins + (double)t->call_wakes;

	for (unsigned int i = 0; i < r->rows; i++) {
		if (r->row[i].how == DIVE_COUNT_FAULT)
			faults += report_calls(&r->row[i]);
		if (r->row[i].how == DIVE_COUNT_MAP)
			maps += report_calls(&r->row[i]);
	}
	fprintf(out,
		"Page faults: %.0f served here, with %.0f pieces of memory; "
		"%.0f by Linux, in calls\n",
		faults, maps, (double)t->partner_faults);
	fprintf(out,
		"Answers: %.0f came while the kernel spun, for %.0f (%.1f %%) "
		"it slept; the partner was woken %.0f times\n",
		(double)t->call_spins, (double)t->call_wakes,
		percent((double)t->call_wakes, answers),
		(double)t->partner_wakes);
	if (r->bad)
		fprintf(out,
			"%.0f entries of the counts were left out: nobody "
			"could have meant them\n",
			(double)r->bad);
}

static void put_saving(FILE *out, const struct saving *s,
		       const struct report *r)
{
	put_time(out, s->best);
	fprintf(out, "  %6.2f %% (%.2f to %.2f)", percent(s->best, r->run_s),
		percent(s->low, r->run_s), percent(s->high, r->run_s));
}

/* The few that make up nearly all of what can be saved. */
static unsigned int worthwhile(const struct advice *a, unsigned int n)
{
	double all = 0, sum = 0;
	unsigned int few = 0;

	for (unsigned int i = 0; i < n; i++)
		all += a[i].saving.best;
	while (few < n && sum < all * WORTHWHILE)
		sum += a[few++].saving.best;
	return few ? few : n;
}

static void print_ranking(FILE *out, const struct report *r,
			  const struct advice *a, unsigned int n)
{
	unsigned int few = worthwhile(a, n);
	struct saving sum = { 0 };

	for (unsigned int i = 0; i < few; i++) {
		sum.low += a[i].saving.low;
		sum.best += a[i].saving.best;
		sum.high += a[i].saving.high;
	}
	if (few == 1)
		fputs("Serve this call", out);
	else
		fprintf(out, "Serve these %u calls", few);
	fprintf(out,
		" in the kernel next: saves %.2f %% of this run (%.2f to "
		"%.2f)\n",
		percent(sum.best, r->run_s), percent(sum.low, r->run_s),
		percent(sum.high, r->run_s));
	for (unsigned int i = 0; i < n && i < RANKS_MAX; i++) {
		char name[CALLS_NAME_MAX];

		calls_name(a[i].row, name);
		fprintf(out, "  %2u. %-*s %10.0f  ", i + 1, NAME_COLUMNS - 4,
			name, (double)a[i].row->forwarded);
		put_saving(out, &a[i].saving, r);
		fprintf(out, "  %s\n", calls_kind_words(calls_kind(a[i].row)));
	}
	if (n > RANKS_MAX)
		fprintf(out, "  and %u more\n", n - RANKS_MAX);
}

/* Nothing has to be written for these. */
static void print_minnow(FILE *out, const struct advice *a, unsigned int n)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < n; i++) {
		const uint32_t nr = a[i].row->nr;

		if (calls_minnow_can(nr))
			fprintf(out, "%s --serve %s=local",
				found++ ? "" : "Minnow already can, with",
				calls_call_name(nr));
	}
	if (found)
		putc('\n', out);
}

static void print_stays(FILE *out, const struct report *r)
{
	double stays = 0, batch = 0;
	struct saving sum = { 0 };

	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *c = &r->row[i];
		struct saving s = advise_saving(r, c);

		if (c->how != DIVE_COUNT_SYSCALL)
			continue;
		if (calls_kind(c) == CALL_STAYS)
			stays += (double)c->forwarded;
		if (calls_kind(c) != CALL_BATCH)
			continue;
		batch += (double)c->forwarded;
		sum.low += s.low;
		sum.best += s.best;
		sum.high += s.high;
	}
	fprintf(out, "Of the others %.0f stay in Linux", stays);
	if (batch > 0) {
		fprintf(out, ", %.0f could go in batches: saves ", batch);
		fprintf(out, "%.2f %% (%.2f to %.2f)",
			percent(sum.best, r->run_s), percent(sum.low, r->run_s),
			percent(sum.high, r->run_s));
	}
	putc('\n', out);
}

static void print_head(FILE *out, const struct report *r)
{
	text_put(out, r->program[0] ? r->program : "(no program)");
	fprintf(out, ": %.3f s, status %u", r->run_s, r->status);
	if (r->native)
		fputs(r->has_counts ? ", what it has run on the kernel"
				    : ", run by Linux itself",
		      out);
	if (!r->is_ended && r->program[0])
		fputs(", stopped", out);
	fputs("\n  ", out);
	text_put(out, r->cpu[0] ? r->cpu : "processor not known");
	fprintf(out, ", %.2f GHz\n", r->tsc_hz / 1e9);
	if (!r->has_counts && !r->native)
		fputs("The kernel has not had Linux do any calls.\n", out);
}

int advise_print(FILE *out, const struct report *r, unsigned int columns,
		 struct err *e)
{
	struct advice *advice = calloc(r->rows + 1, sizeof(*advice));
	unsigned int n;

	if (!advice)
		return err_set(e, -ENOMEM, "no memory for a report");
	n = advise_rank(r, advice);
	print_head(out, r);
	if (!r->has_counts)
		goto done;
	print_times(out, r, columns);
	print_histogram(out, r, columns);
	print_latencies(out, r);
	print_rest(out, r);
	if (n)
		print_ranking(out, r, advice, n);
	else
		fputs("There is nothing more that the kernel should serve "
		      "itself.\n",
		      out);
	print_minnow(out, advice, n);
	print_stays(out, r);
done:
	free(advice);
	return 0;
}
