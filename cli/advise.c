// SPDX-License-Identifier: Apache-2.0
// diver advise: which calls of a program a kernel should serve next.
#include "cli/advise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"

#define USAGE "usage: diver advise [--json | --csv] [--svg FILE] [FILE...]"

struct advise {
	bool json;
	bool csv;
	const char *svg;
	bool nothing; /* dive has ended early, and said why */
	unsigned int count;
	struct report report[ADVISE_REPORTS_MAX];
};

static int add_file(struct advise *a, const char *path, struct err *e)
{
	int rc;

	if (a->count == ADVISE_REPORTS_MAX)
		return err_set(e, -EINVAL, "more than %d reports",
			       ADVISE_REPORTS_MAX);
	rc = report_read(path, &a->report[a->count], e);
	a->count += rc == 0;
	a->nothing = rc == -ENODATA && !strcmp(path, "-");
	return rc;
}

static int parse(struct advise *a, int argc, char **argv, struct err *e)
{
	int rc = 0;

	for (int i = 1; i < argc && rc == 0; i++) {
		if (!strcmp(argv[i], "--json"))
			a->json = true;
		else if (!strcmp(argv[i], "--csv"))
			a->csv = true;
		else if (!strcmp(argv[i], "--svg") && i + 1 < argc)
			a->svg = argv[++i];
		else if (argv[i][0] == '-' && argv[i][1])
			rc = err_set(e, -EINVAL, "%s: not understood; " USAGE,
				     argv[i]);
		else
			rc = add_file(a, argv[i], e);
	}
	if (rc == 0 && a->count == 0)
		return err_set(e, -EINVAL, "no FILE; " USAGE);
	return rc;
}

static int print_text(const struct advise *a, const struct plan *p,
		      struct err *e)
{
	unsigned int columns = text_columns(stdout);
	int rc = 0;

	for (unsigned int i = 0; i < a->count && rc == 0; i++) {
		rc = advise_print(stdout, &a->report[i], columns, e);
		if (a->count > 1)
			putchar('\n');
	}
	if (rc == 0 && a->count > 1)
		advise_print_plan(stdout, a->report, a->count, p);
	return rc;
}

static int draw(const struct advise *a, struct err *e)
{
	FILE *out = fopen(a->svg, "we");

	if (!out)
		return err_set(e, -EIO, "%s: %s", a->svg, strerror(errno));
	advise_svg(out, a->report, a->count);
	if (fclose(out))
		return err_set(e, -EIO, "%s: %s", a->svg, strerror(errno));
	return 0;
}

static int tell(const struct advise *a, struct err *e)
{
	struct plan p;
	int rc = plan_make(a->report, a->count, &p, e);

	if (rc)
		return rc;
	if (a->json)
		rc = advise_json(stdout, a->report, a->count, &p, e);
	else if (a->csv)
		advise_csv(stdout, a->report, a->count);
	else
		rc = print_text(a, &p, e);
	plan_free(&p);
	if (rc == 0 && a->svg)
		rc = draw(a, e);
	return rc;
}

int advise_main(int argc, char **argv, struct err *e)
{
	struct advise *a = calloc(1, sizeof(*a));
	int rc;

	if (!a)
		return err_set(e, -ENOMEM, "no memory for a report");
	rc = parse(a, argc, argv, e);
	if (rc == 0)
		rc = tell(a, e);
	else if (a->nothing)
		rc = 0;
	for (unsigned int i = 0; i < a->count; i++)
		report_free(&a->report[i]);
	free(a);
	return rc;
}
