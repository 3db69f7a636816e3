// SPDX-License-Identifier: Apache-2.0
// diver compare: programs in Linux itself, and on a kernel beside it.
#include "cli/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/text.h"

#define USAGE                                                                 \
	"usage: diver compare [--runs N] [--kernel FILE] [--with OPTION]... " \
	"[--json] [--svg FILE] [--list FILE | -- PROGRAM...]"
#define WORDS_MAX 256 /* in a line of a list */

struct compare {
	struct trial_setup setup;
	unsigned int runs;
	bool json;
	const char *svg;
	const char *list;
	char **words;
	unsigned int count;
	struct comparison program[COMPARE_PROGRAMS_MAX];
};

double times_least(const struct times_of *t)
{
	double least = t->run_s[0];

	for (unsigned int i = 1; i < t->runs; i++)
		if (t->run_s[i] < least)
			least = t->run_s[i];
	return least;
}

static int compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double times_median(const struct times_of *t)
{
	struct times_of sorted = *t;
	unsigned int middle = t->runs / 2;

	qsort(sorted.run_s, t->runs, sizeof(sorted.run_s[0]), compare_doubles);
	if (t->runs % 2)
		return sorted.run_s[middle];
	return (sorted.run_s[middle - 1] + sorted.run_s[middle]) / 2;
}

/* The first one stays, for what it has done; of the others the time does. */
static int run_once(const struct trial_setup *s, char *const *words,
		    const char *extra, struct times_of *t, struct trial *first,
		    struct err *e)
{
	struct trial trial;
	int rc = trial_run(s, words, extra, &trial, e);

	if (rc)
		return rc;
	t->run_s[t->runs] = trial.report.run_s;
	if (t->runs++ == 0) {
		*first = trial;
		return 0;
	}
	rc = trial_same(&trial, first) ? 0 : 1;
	report_free(&trial.report);
	return rc;
}

static void forget(struct comparison *c)
{
	report_free(&c->first.native.report);
	report_free(&c->first.hrt.report);
}

/* One way and the other by turns. @ret is written: forget() it. */
static int run_program(const struct trial_setup *s, char *const *words,
		       unsigned int runs, struct comparison *ret, struct err *e)
{
	int changed = 0, rc = 0;
	size_t n = 0;

	*ret = (struct comparison){ .is_same = false };
	for (unsigned int i = 0; words[i] && n < sizeof(ret->name); i++)
		n += (size_t)snprintf(ret->name + n, sizeof(ret->name) - n,
				      "%s%s", i ? " " : "", words[i]);
	for (unsigned int i = 0; i < runs && rc >= 0; i++) {
		rc = run_once(s, words, "--native", &ret->native,
			      &ret->first.native, e);
		if (rc < 0)
			break;
		changed += rc;
		rc = run_once(s, words, NULL, &ret->hrt, &ret->first.hrt, e);
		changed += rc > 0;
	}
	ret->is_same =
		!changed && trial_same(&ret->first.native, &ret->first.hrt);
	if (rc >= 0)
		return 0;
	forget(ret);
	return rc;
}

static int parse_option(struct compare *c, const char *name, char *arg,
			struct err *e)
{
	uint64_t runs;

	if (!arg)
		return err_set(e, -EINVAL, "%s: not understood; " USAGE, name);
	if (!strcmp(name, "--kernel")) {
		c->setup.kernel = arg;
	} else if (!strcmp(name, "--svg")) {
		c->svg = arg;
	} else if (!strcmp(name, "--list")) {
		c->list = arg;
	} else if (!strcmp(name, "--with")) {
		if (c->setup.options == TRIAL_OPTIONS_MAX)
			return err_set(e, -EINVAL, "too many options of dive");
		c->setup.option[c->setup.options++] = arg;
	} else if (!strcmp(name, "--runs")) {
		if (units_number(arg, COMPARE_RUNS_MAX, &runs, e) || !runs)
			return err_set(e, -EINVAL, "--runs is 1 to %d",
				       COMPARE_RUNS_MAX);
		c->runs = (unsigned int)runs;
	} else {
		return err_set(e, -EINVAL, "%s: not understood; " USAGE, name);
	}
	return 0;
}

static int parse(struct compare *c, int argc, char **argv, struct err *e)
{
	int i = 1, rc = 0;

	for (; i < argc && rc == 0 && strcmp(argv[i], "--") != 0; i++) {
		if (!strcmp(argv[i], "--json")) {
			c->json = true;
			continue;
		}
		rc = parse_option(c, argv[i], i + 1 < argc ? argv[i + 1] : NULL,
				  e);
		i++;
	}
	if (rc)
		return rc;
	if (i + 1 < argc)
		c->words = argv + i + 1;
	if (!c->words == !c->list)
		return err_set(e, -EINVAL, "what to compare? " USAGE);
	return 0;
}

static int compare(struct compare *c, char *const *words, struct err *e)
{
	struct comparison *to = &c->program[c->count];
	int rc;

	if (c->count == COMPARE_PROGRAMS_MAX)
		return err_set(e, -EINVAL, "more than %d programs",
			       COMPARE_PROGRAMS_MAX);
	rc = run_program(&c->setup, words, c->runs, to, e);
	if (rc)
		return rc;
	c->count++;
	if (!c->json) {
		compare_print(stdout, to, text_columns(stdout));
		fflush(stdout);
	}
	return 0;
}

/* A line is a program, its words between blanks. */
static int compare_line(struct compare *c, char *line, struct err *e)
{
	char *words[WORDS_MAX], *rest = line, *word;
	unsigned int n = 0;

	while ((word = strsep(&rest, " \t\n"))) {
		if (!*word)
			continue;
		if (n == WORDS_MAX - 1)
			return err_set(e, -EINVAL, "more than %d words",
				       WORDS_MAX - 1);
		words[n++] = word;
	}
	words[n] = NULL;
	return n && words[0][0] != '#' ? compare(c, words, e) : 0;
}

static int compare_list(struct compare *c, struct err *e)
{
	FILE *in = fopen(c->list, "re");
	char *line = NULL;
	size_t size = 0;
	int rc = 0;

	if (!in)
		return err_set(e, -errno, "%s: %s", c->list, strerror(errno));
	while (rc == 0 && getline(&line, &size, in) >= 0)
		rc = compare_line(c, line, e);
	free(line);
	fclose(in);
	return rc;
}

static int draw(const struct compare *c, struct err *e)
{
	FILE *out = fopen(c->svg, "we");

	if (!out)
		return err_set(e, -EIO, "%s: %s", c->svg, strerror(errno));
	compare_svg(out, c->program, c->count);
	if (fclose(out))
		return err_set(e, -EIO, "%s: %s", c->svg, strerror(errno));
	return 0;
}

static int tell(const struct compare *c, struct err *e)
{
	int rc = c->svg ? draw(c, e) : 0;

	if (c->json)
		compare_json(stdout, c->program, c->count);
	for (unsigned int i = 0; i < c->count && rc == 0; i++)
		if (!c->program[i].is_same)
			rc = err_set(e, -EINVAL, "%.100s does not do the same",
				     c->program[i].name);
	return rc;
}

int compare_main(int argc, char **argv, struct err *e)
{
	struct compare *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return err_set(e, -ENOMEM, "no memory to compare");
	c->runs = 1;
	rc = parse(c, argc, argv, e);
	if (rc == 0)
		rc = trial_find(&c->setup, e);
	if (rc == 0)
		rc = c->list ? compare_list(c, e) : compare(c, c->words, e);
	if (rc == 0)
		rc = tell(c, e);
	for (unsigned int i = 0; i < c->count; i++)
		forget(&c->program[i]);
	trial_forget(&c->setup);
	free(c);
	return rc;
}
