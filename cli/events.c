// SPDX-License-Identifier: Apache-2.0
// --trace and --stats: what left the guest, how often, and for how long.
#include "cli/events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BAR      24
#define ROWS_MAX 20 /* of a kind, for people */

int events_parse(const char *list, unsigned int *ret, struct err *e)
{
	static const char *const words[] = { "exits", "pio", "mmio", "msr",
					     "irq" };
	const unsigned int count = sizeof(words) / sizeof(words[0]);
	size_t len;

	for (const char *at = list;; at += len + 1) {
		unsigned int i = 0;

		len = strcspn(at, ",");
		while (i < count &&
		       (strncmp(words[i], at, len) != 0 || words[i][len]))
			i++;
		if (i == count)
			return err_set(e, -EINVAL,
				       "'%.*s' is no kind of event; write some "
				       "of exits,pio,mmio,msr,irq",
				       (int)len, at);
		*ret |= TRACE_EXITS << i;
		if (!at[len])
			return 0;
	}
}

/* The rows of a kind, those that took the longest first. */
struct sorted {
	const struct tally_row *row[TALLY_ROWS];
	unsigned int count;
};

static int compare(const void *a, const void *b)
{
	const struct tally_row *x = *(const struct tally_row *const *)a;
	const struct tally_row *y = *(const struct tally_row *const *)b;

	if (x->total_ns != y->total_ns)
		return x->total_ns < y->total_ns ? 1 : -1;
	return x < y ? -1 : x > y;
}

static void sort(const struct tally *t, unsigned int kind, struct sorted *ret)
{
	ret->count = 0;
	for (unsigned int i = 0; i < TALLY_SLOTS; i++)
		if (t->row[i].count && t->row[i].kind == kind)
			ret->row[ret->count++] = &t->row[i];
	qsort(ret->row, ret->count, sizeof(const struct tally_row *), compare);
}

static const char *direction(const struct tally_row *row)
{
	if (row->kind == EVENT_LINE)
		return row->write ? "raise" : "lower";
	if (row->kind == EVENT_MSI)
		return "send";
	if (row->kind == EXIT_OTHER)
		return "reason";
	return row->write ? "write" : "read";
}

/* All dive did for the kernel; interrupts are raised during other events. */
static uint64_t exits_ns(const struct tally *t)
{
	uint64_t sum = 0;

	for (unsigned int k = 0; k < EXIT_KINDS; k++)
		sum += t->kind[k].total_ns;
	return sum;
}

static void put_us(FILE *out, uint64_t ns)
{
	fprintf(out, " %9" PRIu64 ".%03" PRIu64, ns / 1000, ns % 1000);
}

static void put_bar(FILE *out, uint64_t part, uint64_t whole)
{
	uint64_t bar =
		whole ? (uint64_t)((unsigned __int128)part * BAR / whole) : 0;

	fputs("  |", out);
	for (uint64_t i = 0; i < bar || (i == 0 && part); i++)
		putc('#', out);
	putc('\n', out);
}

/* "<  2 us ###": a line of the histogram for each factor of 2 in between. */
static void put_buckets(FILE *out, const struct tally_row *row)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	unsigned int first = 0, last = TALLY_BUCKETS - 1;
	uint64_t most = 0;

	while (first < last && !row->bucket[first])
		first++;
	while (last > first && !row->bucket[last])
		last--;
	for (unsigned int i = first; i <= last; i++)
		most = row->bucket[i] > most ? row->bucket[i] : most;
	for (unsigned int i = first; i <= last && row->count > 1; i++) {
		fprintf(out, "    < %4u %-2s %12" PRIu64, 2u << i % 10,
			units[i / 10], row->bucket[i]);
		put_bar(out, row->bucket[i], most);
	}
}

/* @total_ns: what a full bar means. */
static void put_row(FILE *out, const char *what, const struct tally_row *row,
		    uint64_t total_ns)
{
	fprintf(out, "%-36s %9" PRIu64 " %9" PRIu64 ".%03" PRIu64, what,
		row->count, row->total_ns / 1000000,
		row->total_ns / 1000 % 1000);
	put_us(out, tally_median(row));
	put_us(out, row->max_ns);
	put_bar(out, row->total_ns, total_ns);
}

static void put_kind(FILE *out, const struct tally *t, unsigned int kind,
		     uint64_t total_ns)
{
	const struct tally_row *all = &t->kind[kind];
	struct tally_row rest = *all;
	struct sorted s;
	char what[64];

	if (!all->count)
		return;
	put_row(out, event_name(kind), all, total_ns);
	put_buckets(out, all);
	sort(t, kind, &s);
	for (unsigned int i = 0; i < s.count && i < ROWS_MAX; i++) {
		const struct tally_row *row = s.row[i];

		snprintf(what, sizeof(what), "  %-6s 0x%" PRIx64 " %s",
			 direction(row), row->addr, row->name ? row->name : "");
		put_row(out, what, row, total_ns);
		rest.count -= row->count;
		rest.total_ns -= row->total_ns;
	}
	if (s.count && rest.count)
		fprintf(out,
			"  %-34s %9" PRIu64 " %9" PRIu64 ".%03" PRIu64 "\n",
			"all others", rest.count, rest.total_ns / 1000000,
			rest.total_ns / 1000 % 1000);
}

static void put_picture(FILE *out, const struct tally *t)
{
	uint64_t ours = exits_ns(t);

	fprintf(out,
		"dive: %" PRIu64 ".%03" PRIu64
		" ms in the guest and KVM, %" PRIu64 ".%03" PRIu64
		" ms in dive for it\n",
		t->guest_ns / 1000000, t->guest_ns / 1000 % 1000,
		ours / 1000000, ours / 1000 % 1000);
	fprintf(out, "%-36s %9s %13s %13s %13s\n", "", "count", "total ms",
		"median us", "max us");
	for (unsigned int k = 0; k < EVENT_KINDS; k++)
		put_kind(out, t, k, ours);
	if (t->untold)
		fprintf(out, "events that were not traced: %" PRIu64 "\n",
			t->untold);
}

static void put_plain_row(FILE *out, const struct tally_row *row, bool all)
{
	fprintf(out, "%s\t%s\t", event_name(row->kind),
		all ? "all" : direction(row));
	if (!all)
		fprintf(out, "0x%" PRIx64, row->addr);
	fprintf(out,
		"\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
		"\t%" PRIu64 "\n",
		row->name ? row->name : "", row->count, row->accesses,
		row->total_ns, tally_median(row), row->max_ns);
}

static void put_plain(FILE *out, const struct tally *t)
{
	struct sorted s;

	fputs("event\top\taddress\tdevice\tcount\taccesses\ttotal_ns\tmedian_ns\tmax_ns\n",
	      out);
	for (unsigned int k = 0; k < EVENT_KINDS; k++) {
		if (!t->kind[k].count)
			continue;
		put_plain_row(out, &t->kind[k], true);
		sort(t, k, &s);
		for (unsigned int i = 0; i < s.count; i++)
			put_plain_row(out, s.row[i], false);
	}
}

void events_print(FILE *out, const struct tally *t, bool picture)
{
	if (picture)
		put_picture(out, t);
	else
		put_plain(out, t);
}

static void json_row(struct json *j, const struct tally_row *row, bool all)
{
	unsigned int last = TALLY_BUCKETS;

	json_open(j, NULL, '{');
	json_string(j, "event", event_name(row->kind));
	if (!all) {
		json_string(j, "op", direction(row));
		json_hex(j, "address", row->addr);
		json_string(j, "device", row->name);
	}
	json_number(j, "count", row->count);
	json_number(j, "accesses", row->accesses);
	json_number(j, "total_ns", row->total_ns);
	json_number(j, "median_ns", tally_median(row));
	json_number(j, "max_ns", row->max_ns);
	while (last > 0 && !row->bucket[last - 1])
		last--;
	json_open(j, "log2_ns", '[');
	for (unsigned int i = 0; i < last; i++)
		json_number(j, NULL, row->bucket[i]);
	json_close(j, ']');
	json_close(j, '}');
}

void events_json(struct json *j, const struct tally *t)
{
	struct sorted s;

	json_open(j, "stats", '{');
	json_number(j, "guest_ns", t->guest_ns);
	json_number(j, "dive_ns", exits_ns(t));
	json_number(j, "untold", t->untold);
	json_open(j, "events", '[');
	for (unsigned int k = 0; k < EVENT_KINDS; k++)
		if (t->kind[k].count)
			json_row(j, &t->kind[k], true);
	json_close(j, ']');
	json_open(j, "addresses", '[');
	for (unsigned int k = 0; k < EVENT_KINDS; k++) {
		sort(t, k, &s);
		for (unsigned int i = 0; i < s.count; i++)
			json_row(j, s.row[i], false);
	}
	json_close(j, ']');
	json_close(j, '}');
}
