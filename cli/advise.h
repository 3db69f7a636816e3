/* SPDX-License-Identifier: Apache-2.0 */
/* diver advise: which calls of a program a kernel should serve next. */
#ifndef CLI_ADVISE_H
#define CLI_ADVISE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/calls.h"
#include "cli/counts.h"

#define ADVISE_REPORTS_MAX 64
#define ADVISE_WORDS_MAX   256

/**
 * struct report - one run, as dive has written it
 * @program: words of the command; any bytes but NUL
 * @cpu: model of the processor; any bytes but NUL
 * @native: Linux ran the program itself
 * @has_counts: else nobody has delegated anything
 * @is_ended: the program has ended, it was not stopped
 * @status: exit status of dive
 * @load_s: seconds until its first instruction
 * @run_s: from there to its end
 * @tsc_hz: cycles in a second, above 0
 * @total: see struct counts
 * @row: kinds of calls, each once, the most frequent first; owned
 * @rows: entries of @row
 * @bad: entries that dive did not take
 */
struct report {
	char program[ADVISE_WORDS_MAX];
	char cpu[64];
	bool native;
	bool has_counts;
	bool is_ended;
	unsigned int status;
	double load_s;
	double run_s;
	double tsc_hz;
	struct counts total;
	struct dive_count *row;
	unsigned int rows;
	uint64_t bad;
};

/**
 * report_parse() - read a report
 * @text: need not end in a NUL
 * @size: bytes
 * @ret: written on success; release with report_free()
 * @e: what is wrong with it
 *
 * Nothing in it is believed: what is not a number within limits is an error,
 * what is not known is skipped, so that a later version may add to it.
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int must_check report_parse(const char *text, size_t size, struct report *ret,
			    struct err *e);

/**
 * report_read() - read a report from a file
 * @path: "-" = standard input
 * @ret: see report_parse()
 * @e: see report_parse()
 *
 * Return: as report_parse(); -ENODATA for an empty file, else -errno.
 */
int must_check report_read(const char *path, struct report *ret, struct err *e);

/**
 * report_free() - release what report_parse() took
 * @r: zeroed or after it
 */
void report_free(struct report *r);

/**
 * report_calls() - all calls of a row or a report
 * @c: of a report
 *
 * Return: forwarded, served and refused ones.
 */
double report_calls(const struct dive_count *c);

/* advise_estimate.c: what could be saved */

/**
 * bucket_low() - the shortest time of a bucket
 * @bucket: see dive_bucket(); DIVE_BUCKETS = the end of the last but one
 *
 * Return: TSC cycles.
 */
double bucket_low(unsigned int bucket);

/**
 * bucket_quantile() - a part of all times was not longer
 * @count: DIVE_BUCKETS of them
 * @part: such as 0.5
 *
 * Return: TSC cycles, the middle of a bucket, right within a factor of 1.25
 * (the last bucket: at least that much); 0 when there are none.
 */
double bucket_quantile(const uint32_t *count, double part);

/**
 * struct saving - seconds that a run would be shorter by
 * @low: from the median of the way, as if the kernel took as long as Linux and
 *	whatever was slow would have been anyway
 * @best: from the sums, without what the kernel takes for it
 * @high: from the sums
 */
struct saving {
	double low;
	double best;
	double high;
};

/**
 * advise_saving() - if the kernel served a kind of call
 * @r: report
 * @c: row of it
 *
 * That is for calls of kind local, memory and cache. Batchable ones: if half
 * of them, or all, went over the channel with another call. Nothing else can
 * be saved.
 *
 * Return: low <= best <= high, in seconds; zero where there is nothing.
 */
struct saving advise_saving(const struct report *r, const struct dive_count *c);

/**
 * advise_can_serve() - is it for a kernel to serve
 * @kind: of a call
 *
 * Return: true for local, memory and cache.
 */
bool advise_can_serve(enum call_kind kind);

/**
 * struct times - where the time of a run went, seconds, over all threads
 * @all: the run and, as memory was given to it before, its loading
 * @computed: the rest of it; 0 when threads together took more than there was
 * @channel: calls on their way to Linux and back
 * @linux_s: calls in Linux, waiting included
 * @local: calls and page faults that the kernel served
 */
struct times {
	double all;
	double computed;
	double channel;
	double linux_s;
	double local;
};

/**
 * advise_times() - where the time went
 * @r: report
 *
 * Return: the times.
 */
struct times advise_times(const struct report *r);

/**
 * struct advice - a kind of call that the kernel should serve
 * @row: of the report
 * @saving: what that would be worth
 */
struct advice {
	const struct dive_count *row;
	struct saving saving;
};

/**
 * advise_rank() - which calls to serve next
 * @r: report
 * @ret: @r->rows entries; the most worthwhile first
 *
 * Return: entries of @ret.
 */
unsigned int advise_rank(const struct report *r, struct advice *ret);

/* advise_union.c: several programs at once */

/**
 * struct want - a call that programs forward and a kernel could serve
 * @row: of one of the reports: name and kind
 * @nr: of the call
 * @command: of the call
 * @programs: bit i: report i forwards it
 * @forwarded: how often, in all of them
 * @saving: in all of them
 * @step: of the plan, from 1 on
 */
struct want {
	const struct dive_count *row;
	uint32_t nr;
	uint32_t command;
	uint64_t programs;
	double forwarded;
	struct saving saving;
	unsigned int step;
};

/**
 * struct plan - what to serve for which programs
 * @want: in the order of the plan; owned
 * @wants: entries of @want
 * @done: [n]: programs with nothing left but what stays in Linux, when the
 *	first n calls are served; @wants + 1 entries; owned
 */
struct plan {
	struct want *want;
	unsigned int wants;
	unsigned int *done;
};

/**
 * plan_make() - put the calls of several programs in an order
 * @r: reports
 * @count: of them, at most ADVISE_REPORTS_MAX
 * @ret: borrows from @r; release with plan_free()
 * @e: no memory
 *
 * Next comes always the program that is the fewest calls away, and of its calls
 * first the one that most programs want.
 *
 * Return: 0 or -ENOMEM.
 */
int must_check plan_make(const struct report *r, unsigned int count,
			 struct plan *ret, struct err *e);

/**
 * plan_free() - release what plan_make() took
 * @p: zeroed or after it
 */
void plan_free(struct plan *p);

/* What it looks like. @columns is the width, at least 40. */

/**
 * advise_print() - one report for people
 * @out: where to; nothing but printable ASCII gets there
 * @r: report
 * @columns: of the terminal
 * @e: no memory
 *
 * Return: 0 or -ENOMEM.
 */
int must_check advise_print(FILE *out, const struct report *r,
			    unsigned int columns, struct err *e);

/**
 * advise_print_plan() - several reports for people
 * @out: where to
 * @r: reports
 * @count: of them
 * @p: made of them
 */
void advise_print_plan(FILE *out, const struct report *r, unsigned int count,
		       const struct plan *p);

/**
 * advise_csv() - one line for each call of each program
 * @out: where to
 * @r: reports
 * @count: of them
 */
void advise_csv(FILE *out, const struct report *r, unsigned int count);

/**
 * advise_json() - the same advice for programs
 * @out: where to
 * @r: reports
 * @count: of them
 * @p: made of them
 * @e: no memory
 *
 * Return: 0 or -ENOMEM.
 */
int must_check advise_json(FILE *out, const struct report *r,
			   unsigned int count, const struct plan *p,
			   struct err *e);

/**
 * advise_svg() - a histogram of each program, then where their times went
 * @out: where to
 * @r: reports
 * @count: of them
 */
void advise_svg(FILE *out, const struct report *r, unsigned int count);

/**
 * advise_main() - diver advise [--json|--csv] [--svg FILE] FILE...
 * @argc: from the verb on
 * @argv: argv[0] is the verb
 * @e: what is wrong
 *
 * Return: 0 or -errno.
 */
int must_check advise_main(int argc, char **argv, struct err *e);

#endif
