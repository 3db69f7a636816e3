// SPDX-License-Identifier: Apache-2.0
// diver advise: several programs as text, and all of it for programs.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/advise.h"
#include "cli/text.h"

#define LETTERS 26

/* A letter for each program, as many as there are letters. */
static void put_users(FILE *out, const struct want *w, unsigned int count)
{
	if (count > LETTERS) {
		fprintf(out, "%2d of %u", __builtin_popcountll(w->programs),
			count);
		return;
	}
	for (unsigned int i = 0; i < count; i++)
		putc(w->programs >> i & 1 ? 'A' + (int)i : '.', out);
}

static void put_want(FILE *out, const struct want *w, unsigned int count)
{
	char name[CALLS_NAME_MAX];

	calls_name(w->row, name);
	fprintf(out, "  %2u. %-26s ", w->step, name);
	put_users(out, w, count);
	fprintf(out, " %10.0f %9.3f ms  %s\n", w->forwarded,
		w->saving.best * 1e3, calls_kind_words(calls_kind(w->row)));
}

void advise_print_plan(FILE *out, const struct report *r, unsigned int count,
		       const struct plan *p)
{
	fprintf(out,
		"%u programs\n%u of them forward only calls that stay in "
		"Linux: files, sockets and the like\n",
		count, p->done[0]);
	if (p->wants)
		fprintf(out, "  %-30s %*s %10s %12s\n", "serve",
			count > LETTERS ? 8 : (int)count, "", "forwarded",
			"saves");
	for (unsigned int i = 0; i < p->wants; i++) {
		put_want(out, &p->want[i], count);
		if (p->done[i + 1] > p->done[i])
			fprintf(out,
				"      -- these %u make %u of %u programs "
				"forward only file and socket I/O\n",
				i + 1, p->done[i + 1], count);
	}
	for (unsigned int i = 0; i < count; i++) {
		fprintf(out, "  %c ", i < LETTERS ? 'A' + (int)i : '*');
		text_put(out, r[i].program);
		putc('\n', out);
	}
}

void advise_csv(FILE *out, const struct report *r, unsigned int count)
{
	fputs("report,call,kind,forwarded,local,refused,failed,way_us,"
	      "linux_us,saves_us,saves_low_us,saves_high_us\n",
	      out);
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int k = 0; k < r[i].rows; k++) {
			const struct dive_count *c = &r[i].row[k];
			struct saving s = advise_saving(&r[i], c);
			char name[CALLS_NAME_MAX];

			calls_name(c, name);
			fprintf(out,
				"%u,%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64
				",%" PRIu64 ",%.3f,%.3f,%.3f,%.3f,%.3f\n",
				i + 1, name, calls_kind_name(calls_kind(c)),
				c->forwarded, c->local, c->refused, c->failed,
				(double)c->channel_cycles / r[i].tsc_hz * 1e6,
				(double)c->linux_cycles / r[i].tsc_hz * 1e6,
				s.best * 1e6, s.low * 1e6, s.high * 1e6);
		}
}

static uint64_t ns_of(double seconds)
{
	return seconds > 0 && seconds < 1e9 ? (uint64_t)(seconds * 1e9) : 0;
}

static void json_saving(struct json *j, const struct saving *s)
{
	json_open(j, "saves_ns", '{');
	json_number(j, "low", ns_of(s->low));
	json_number(j, "best", ns_of(s->best));
	json_number(j, "high", ns_of(s->high));
	json_close(j, '}');
}

static void json_row(struct json *j, const struct report *r,
		     const struct dive_count *c)
{
	const struct saving s = advise_saving(r, c);
	char name[CALLS_NAME_MAX];

	calls_name(c, name);
	json_open(j, NULL, '{');
	json_string(j, "name", name);
	json_string(j, "kind", calls_kind_name(calls_kind(c)));
	json_number(j, "forwarded", c->forwarded);
	json_number(j, "local", c->local);
	json_number(j, "refused", c->refused);
	json_number(j, "failed", c->failed);
	json_number(j, "way_ns", ns_of((double)c->channel_cycles / r->tsc_hz));
	json_number(j, "linux_ns", ns_of((double)c->linux_cycles / r->tsc_hz));
	json_number(j, "way_median_ns",
		    ns_of(bucket_quantile(c->channel, 0.5) / r->tsc_hz));
	json_number(j, "way_p99_ns",
		    ns_of(bucket_quantile(c->channel, 0.99) / r->tsc_hz));
	json_number(j, "linux_median_ns",
		    ns_of(bucket_quantile(c->service, 0.5) / r->tsc_hz));
	json_number(j, "linux_p99_ns",
		    ns_of(bucket_quantile(c->service, 0.99) / r->tsc_hz));
	json_saving(j, &s);
	json_close(j, '}');
}

static int json_report(struct json *j, const struct report *r, struct err *e)
{
	struct advice *advice = calloc(r->rows + 1, sizeof(*advice));
	const struct times t = advise_times(r);
	char name[CALLS_NAME_MAX];
	unsigned int n;

	if (!advice)
		return err_set(e, -ENOMEM, "no memory for a report");
	json_open(j, NULL, '{');
	json_string(j, "program", r->program);
	json_string(j, "cpu", r->cpu);
	json_number(j, "status", r->status);
	json_bool(j, "native", r->native);
	json_number(j, "load_ns", ns_of(r->load_s));
	json_number(j, "run_ns", ns_of(r->run_s));
	json_number(j, "computed_ns", ns_of(t.computed));
	json_number(j, "way_ns", ns_of(t.channel));
	json_number(j, "linux_ns", ns_of(t.linux_s));
	json_number(j, "local_ns", ns_of(t.local));
	json_open(j, "calls", '[');
	for (unsigned int i = 0; i < r->rows; i++)
		json_row(j, r, &r->row[i]);
	json_close(j, ']');
	json_open(j, "serve", '[');
	n = advise_rank(r, advice);
	for (unsigned int i = 0; i < n; i++) {
		calls_name(advice[i].row, name);
		json_string(j, NULL, name);
	}
	json_close(j, ']');
	json_close(j, '}');
	free(advice);
	return 0;
}

int advise_json(FILE *out, const struct report *r, unsigned int count,
		const struct plan *p, struct err *e)
{
	struct json j = { .out = out };
	char name[CALLS_NAME_MAX];

	json_open(&j, NULL, '{');
	json_number(&j, "diver_advice", 1);
	json_open(&j, "programs", '[');
	for (unsigned int i = 0; i < count; i++)
		if (json_report(&j, &r[i], e))
			return -ENOMEM;
	json_close(&j, ']');
	json_number(&j, "done", p->done[0]);
	json_open(&j, "plan", '[');
	for (unsigned int i = 0; i < p->wants; i++) {
		const struct want *w = &p->want[i];

		calls_name(w->row, name);
		json_open(&j, NULL, '{');
		json_string(&j, "name", name);
		json_string(&j, "kind", calls_kind_name(calls_kind(w->row)));
		json_number(&j, "programs",
			    (uint64_t)__builtin_popcountll(w->programs));
		json_number(&j, "forwarded", (uint64_t)w->forwarded);
		json_saving(&j, &w->saving);
		json_number(&j, "done", p->done[i + 1]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	putc('\n', out);
	return 0;
}
