// SPDX-License-Identifier: Apache-2.0
// Everything that can be made of reports, for tests that only look whether it holds.
#include "cli/test/render.h"

#include <stdlib.h>

/* What nobody vouches for must not reach a terminal as it is. */
static void check_text(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\n') || c > '~')
			abort();
	}
}

static void check_saving(const struct saving *s)
{
	if (!(0 <= s->low && s->low <= s->best && s->best <= s->high))
		abort();
}

static void check_report(const struct report *r)
{
	struct advice *a = calloc(r->rows + 1, sizeof(*a));
	unsigned int n = a ? advise_rank(r, a) : 0;

	for (unsigned int i = 0; i < n; i++) {
		check_saving(&a[i].saving);
		if (i && a[i].saving.best > a[i - 1].saving.best)
			abort();
	}
	free(a);
}

void render_all(const struct report *r, unsigned int count)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct plan p;

	if (!out)
		return;
	if (plan_make(r, count, &p, NULL))
		abort();
	for (unsigned int i = 0; i < count; i++) {
		check_report(&r[i]);
		if (advise_print(out, &r[i], 40 + 30 * i, NULL))
			abort();
	}
	advise_print_plan(out, r, count, &p);
	advise_csv(out, r, count);
	if (advise_json(out, r, count, &p, NULL))
		abort();
	advise_svg(out, r, count);
	if (fclose(out))
		abort();
	check_text(text, size);
	plan_free(&p);
	free(text);
}

char *render_report(const struct report *r, bool svg)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (svg)
		advise_svg(out, r, 1);
	else if (advise_print(out, r, 80, NULL))
		abort();
	return fclose(out) ? NULL : text;
}
