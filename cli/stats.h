/* SPDX-License-Identifier: Apache-2.0 */
/* Repeated measurements: collected by name, told as median, min, spread. */
#ifndef CLI_STATS_H
#define CLI_STATS_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/json.h"

#define STATS_METRICS_MAX 128

/**
 * struct metric - one thing that was measured in some or all runs
 * @name: "vm", "mark 3"
 * @unit: "ns", "KiB" or "" for a count; static string
 * @values: @n of them; owned
 * @n: runs that had it
 */
struct metric {
	char name[24];
	const char *unit;
	uint64_t *values;
	unsigned int n;
};

/**
 * struct stats - all metrics, in the order they first came
 * @runs: most values per metric
 * @count: entries of @metric
 * @metric: the metrics
 */
struct stats {
	unsigned int runs;
	unsigned int count;
	struct metric metric[STATS_METRICS_MAX];
};

/**
 * struct summary - what is told about a metric
 * @median: of an even number, the mean of the two in the middle
 * @min: the smallest
 * @spread: 90th minus 10th percentile
 */
struct summary {
	uint64_t median;
	uint64_t min;
	uint64_t spread;
};

/**
 * stats_init() - begin with nothing
 * @s: overwritten; release with stats_free()
 * @runs: most values that any metric will get
 */
void stats_init(struct stats *s, unsigned int runs);

/**
 * stats_free() - release all values
 * @s: after stats_init()
 */
void stats_free(struct stats *s);

/**
 * stats_add() - one value of one run
 * @s: after stats_init()
 * @name: of the metric; a new one is made when it is not there
 * @unit: of the metric; static string
 * @value: measured
 * @e: says that there are too many or no memory
 *
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int must_check stats_add(struct stats *s, const char *name, const char *unit,
			 uint64_t value, struct err *e);

/**
 * stats_summary() - look at the values of a metric
 * @m: at least one value; they are sorted
 * @ret: written
 */
void stats_summary(struct metric *m, struct summary *ret);

/**
 * stats_print() - as a table for people, or tab separated for programs
 * @s: measured
 * @out: where to
 * @pretty: for people
 */
void stats_print(struct stats *s, FILE *out, int pretty);

/**
 * stats_json() - as a member "metrics", an array
 * @s: measured
 * @j: an open object
 */
void stats_json(struct stats *s, struct json *j);

#endif
