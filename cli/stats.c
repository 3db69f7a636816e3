// SPDX-License-Identifier: Apache-2.0
// Repeated measurements: collected by name, told as median, min, spread.
#include "cli/stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void stats_init(struct stats *s, unsigned int runs)
{
	memset(s, 0, sizeof(*s));
	s->runs = runs;
}

void stats_free(struct stats *s)
{
	for (unsigned int i = 0; i < s->count; i++)
		free(s->metric[i].values);
	memset(s, 0, sizeof(*s));
}

static struct metric *find(struct stats *s, const char *name)
{
	for (unsigned int i = 0; i < s->count; i++)
		if (!strcmp(s->metric[i].name, name))
			return &s->metric[i];
	return NULL;
}

int stats_add(struct stats *s, const char *name, const char *unit,
	      uint64_t value, struct err *e)
{
	struct metric *m = find(s, name);

	if (!m) {
		if (s->count == STATS_METRICS_MAX)
			return err_set(e, -ENOSPC, "more than %d metrics",
				       STATS_METRICS_MAX);
		m = &s->metric[s->count];
		m->values = calloc(s->runs, sizeof(m->values[0]));
		if (!m->values)
			return err_set(
				e, -ENOMEM,
				"no memory for %u values; lower --repeat",
				s->runs);
		snprintf(m->name, sizeof(m->name), "%s", name);
		m->unit = unit;
		s->count++;
	}
	if (m->n == s->runs)
		return err_set(e, -ENOSPC, "%s was measured too often", name);
	m->values[m->n++] = value;
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void stats_summary(struct metric *m, struct summary *ret)
{
	unsigned int last = m->n - 1;
	uint64_t low;
	uint64_t high;

	qsort(m->values, m->n, sizeof(m->values[0]), compare);
	low = m->values[last / 2];
	high = m->values[(last + 1) / 2];
	ret->median = low + (high - low) / 2;
	ret->min = m->values[0];
	ret->spread = m->values[last - last / 10] - m->values[last / 10];
}

/* Nanoseconds as ms with three digits, everything else as it is. */
static void put_value(FILE *out, const struct metric *m, uint64_t value)
{
	if (!strcmp(m->unit, "ns"))
		fprintf(out, " %9" PRIu64 ".%03" PRIu64, value / 1000000,
			value / 1000 % 1000);
	else
		fprintf(out, " %13" PRIu64, value);
}

void stats_print(struct stats *s, FILE *out, int pretty)
{
	if (pretty)
		fprintf(out, "%-18s %-4s %13s %13s %13s %6s\n", "", "",
			"median", "min", "spread", "n");
	else
		fputs("name\tunit\tmedian\tmin\tspread\tn\n", out);
	for (unsigned int i = 0; i < s->count; i++) {
		struct metric *m = &s->metric[i];
		struct summary sum;

		stats_summary(m, &sum);
		if (!pretty) {
			fprintf(out,
				"%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
				"\t%u\n",
				m->name, m->unit, sum.median, sum.min,
				sum.spread, m->n);
			continue;
		}
		if (m->values[m->n - 1] == 0)
			continue; /* exits that never came */
		fprintf(out, "%-18s %-4s", m->name,
			strcmp(m->unit, "ns") ? m->unit : "ms");
		put_value(out, m, sum.median);
		put_value(out, m, sum.min);
		put_value(out, m, sum.spread);
		fprintf(out, " %6u\n", m->n);
	}
}

void stats_json(struct stats *s, struct json *j)
{
	json_open(j, "metrics", '[');
	for (unsigned int i = 0; i < s->count; i++) {
		struct metric *m = &s->metric[i];
		struct summary sum;

		stats_summary(m, &sum);
		json_open(j, NULL, '{');
		json_string(j, "name", m->name);
		json_string(j, "unit", m->unit);
		json_number(j, "median", sum.median);
		json_number(j, "min", sum.min);
		json_number(j, "spread", sum.spread);
		json_number(j, "n", m->n);
		json_close(j, '}');
	}
	json_close(j, ']');
}
