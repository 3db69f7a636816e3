// SPDX-License-Identifier: Apache-2.0
// diver without: which calls a program would do without.
#include "cli/without.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/text.h"
#include "cli/trial.h"

#define USAGE                                                             \
	"usage: diver without [--json] [--call NAME]... [--kernel FILE] " \
	"[--with OPTION]... -- PROGRAM..."
#define PATIENCE  4  /* times as long as with all calls, */
#define AT_LEAST  10 /* and so many seconds */
#define CALLS_MAX 64

struct without {
	struct trial_setup setup;
	char *const *words;
	bool json;
	const char *call[CALLS_MAX]; /* only these, when there are some */
	unsigned int calls;
	struct trial all; /* with all calls */
	char limit[32];   /* --timeout=N for the others */
};

static int parse(struct without *w, int argc, char **argv, struct err *e)
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		bool has_arg = i + 1 < argc;

		if (!strcmp(argv[i], "--json"))
			w->json = true;
		else if (!strcmp(argv[i], "--call") && has_arg &&
			 w->calls < CALLS_MAX)
			w->call[w->calls++] = argv[++i];
		else if (!strcmp(argv[i], "--kernel") && has_arg)
			w->setup.kernel = argv[++i];
		else if (!strcmp(argv[i], "--with") && has_arg &&
			 w->setup.options < TRIAL_OPTIONS_MAX - 1)
			w->setup.option[w->setup.options++] = argv[++i];
		else
			return err_set(e, -EINVAL, "%s: not understood; " USAGE,
				       argv[i]);
	}
	if (i + 1 >= argc)
		return err_set(e, -EINVAL, "no program; " USAGE);
	w->words = argv + i + 1;
	return 0;
}

static int run_all(struct without *w, struct err *e)
{
	uint64_t start_ns = clock_now_ns(), seconds;
	int rc = trial_run(&w->setup, w->words, NULL, &w->all, e);

	if (rc)
		return rc;
	seconds = (clock_now_ns() - start_ns) / 1000000000 * PATIENCE;
	snprintf(w->limit, sizeof(w->limit), "--timeout=%" PRIu64,
		 seconds + AT_LEAST);
	w->setup.option[w->setup.options++] = w->limit;
	w->setup.silent = true;
	return 0;
}

static void tell(const struct without *w, struct json *j, const char *name,
		 const struct trial *t)
{
	bool same = trial_same(t, &w->all);

	if (w->json) {
		json_open(j, NULL, '{');
		json_string(j, "name", name);
		json_bool(j, "same", same);
		json_number(j, "status", (uint64_t)t->status);
		json_close(j, '}');
		return;
	}
	printf("  %-20s ", name);
	if (same)
		puts("does without: the same status and output");
	else if (t->status != w->all.status)
		printf("needs it: status %d\n", t->status);
	else
		puts("needs it: another output");
	fflush(stdout);
}

/* What refuses it may also keep dive from telling anything. */
static int try_one(const struct without *w, struct json *j, const char *name,
		   struct err *e)
{
	struct trial t;
	char option[80];
	int rc;

	snprintf(option, sizeof(option), "--serve=%s=ENOSYS", name);
	rc = trial_run(&w->setup, w->words, option, &t, e);
	if (rc && rc != -ENODATA)
		return rc;
	tell(w, j, name, &t);
	report_free(&t.report);
	return 0;
}

static bool is_wanted(const struct without *w, const char *name)
{
	for (unsigned int i = 0; i < w->calls; i++)
		if (!strcmp(w->call[i], name))
			return true;
	return w->calls == 0;
}

/* Each call that was used, whatever its commands. */
static int try_all(const struct without *w, struct json *j, struct err *e)
{
	bool tried[COUNTS_CALLS] = { false };
	const struct report *r = &w->all.report;
	int rc = 0;

	for (unsigned int i = 0; i < r->rows && rc == 0; i++) {
		const struct dive_count *c = &r->row[i];
		const char *name = calls_call_name(c->nr);

		if (c->how != DIVE_COUNT_SYSCALL || tried[c->nr] || !name ||
		    (!c->forwarded && !c->local) || !is_wanted(w, name))
			continue;
		tried[c->nr] = true;
		rc = try_one(w, j, name, e);
	}
	return rc;
}

static int run(struct without *w, struct err *e)
{
	struct json j = { .out = stdout };
	int rc = run_all(w, e);

	if (rc)
		return rc;
	if (w->json) {
		json_open(&j, NULL, '{');
		json_number(&j, "diver_without", 1);
		json_string(&j, "program", w->all.report.program);
		json_number(&j, "status", (uint64_t)w->all.status);
		json_open(&j, "calls", '[');
	} else {
		text_put(stdout, w->all.report.program);
		printf(": status %d, %" PRIu64 " bytes; with a call refused\n",
		       w->all.status, w->all.bytes);
	}
	rc = try_all(w, &j, e);
	if (w->json) {
		json_close(&j, ']');
		json_close(&j, '}');
		putchar('\n');
	}
	return rc;
}

int without_main(int argc, char **argv, struct err *e)
{
	struct without *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return err_set(e, -ENOMEM, "no memory for a program");
	rc = parse(w, argc, argv, e);
	if (rc == 0)
		rc = trial_find(&w->setup, e);
	if (rc == 0)
		rc = run(w, e);
	report_free(&w->all.report);
	trial_forget(&w->setup);
	free(w);
	return rc;
}
