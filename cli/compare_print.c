// SPDX-License-Identifier: Apache-2.0
// diver compare: the result as text, JSON and a picture.
#include <string.h>

#include "cli/compare.h"
#include "cli/figure.h"
#include "cli/text.h"

#define WORDS   30u /* columns of text beside a bar */
#define WIDTH   900.0
#define NAMES   250.0
#define RIGHT   150.0
#define TOP     70.0
#define BAR     16.0
#define ROW     (2 * BAR + 16)
#define LETTERS 36u /* of a name beside its bars */
#define NATIVE  "#a0a0a0"
#define HRT     "#4e79a7"

static double more(const struct comparison *c)
{
	double native = times_median(&c->native);

	return native > 0 ? 100 * (times_median(&c->hrt) / native - 1) : 0;
}

static double forwarded(const struct comparison *c)
{
	const struct report *r = &c->first.hrt.report;
	double n = 0;

	for (unsigned int i = 0; i < r->rows; i++)
		if (r->row[i].how == DIVE_COUNT_SYSCALL)
			n += (double)r->row[i].forwarded;
	return n;
}

static void put_bar(FILE *out, const char *name, const struct times_of *t,
		    double longest, unsigned int columns)
{
	double s = times_median(t);
	double n = longest > 0 ? s / longest * (columns - WORDS) : 0;

	fprintf(out, "  %-8s %9.3f s", name, s);
	if (t->runs > 1)
		fprintf(out, " (%.3f)", times_least(t));
	fputs("  ", out);
	for (unsigned int i = 0; i < n; i++)
		putc('#', out);
	putc('\n', out);
}

static void put_did(FILE *out, const char *name, const struct trial *t)
{
	fprintf(out, "  %s: status %d, %llu bytes, SHA-256 %.16s...\n", name,
		t->status, (unsigned long long)t->bytes, t->sha256);
}

void compare_print(FILE *out, const struct comparison *c, unsigned int columns)
{
	double native = times_median(&c->native), hrt = times_median(&c->hrt);
	double longest = native > hrt ? native : hrt;

	text_put(out, c->name);
	putc('\n', out);
	put_bar(out, "native", &c->native, longest, columns);
	put_bar(out, "hrt", &c->hrt, longest, columns);
	fprintf(out, "  %+.1f %%; %.0f calls forwarded", more(c), forwarded(c));
	if (c->native.runs > 1)
		fprintf(out, "; medians and minima of %u runs, by turns",
			c->native.runs);
	putc('\n', out);
	if (c->is_same) {
		put_did(out, "the same", &c->first.native);
		return;
	}
	put_did(out, "DIFFERENT: native", &c->first.native);
	put_did(out, "           hrt", &c->first.hrt);
	if (trial_same(&c->first.native, &c->first.hrt))
		fputs("  and not in each run\n", out);
}

static void json_side(struct json *j, const char *name,
		      const struct times_of *t, const struct trial *first)
{
	json_open(j, name, '{');
	json_number(j, "status", (uint64_t)first->status);
	json_number(j, "bytes", first->bytes);
	json_string(j, "sha256", first->sha256);
	json_open(j, "run_ns", '[');
	for (unsigned int i = 0; i < t->runs; i++)
		json_number(j, NULL, (uint64_t)(t->run_s[i] * 1e9));
	json_close(j, ']');
	json_number(j, "least_ns", (uint64_t)(times_least(t) * 1e9));
	json_number(j, "median_ns", (uint64_t)(times_median(t) * 1e9));
	json_close(j, '}');
}

void compare_json(FILE *out, const struct comparison *c, unsigned int count)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_number(&j, "diver_comparison", 1);
	json_open(&j, "programs", '[');
	for (unsigned int i = 0; i < count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "program", c[i].name);
		json_string(&j, "cpu", c[i].first.hrt.report.cpu);
		json_bool(&j, "same", c[i].is_same);
		json_number(&j, "forwarded", (uint64_t)forwarded(&c[i]));
		json_side(&j, "native", &c[i].native, &c[i].first.native);
		json_side(&j, "hrt", &c[i].hrt, &c[i].first.hrt);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	putc('\n', out);
}

static void put_legend(FILE *out, const struct comparison *c)
{
	struct figure_word w = { .x = 8, .y = 22, .size = 15 };

	figure_text(out, &w, "Native in Linux, and on a kernel beside it");
	w = (struct figure_word){ .x = 8, .y = 42, .size = 12 };
	figure_text(out, &w, c->first.hrt.report.cpu);
	w.x = NAMES + 16;
	figure_rect(out, NAMES, 32, 11, 11, NATIVE);
	figure_text(out, &w, "native");
	figure_rect(out, NAMES + 90, 32, 11, 11, HRT);
	w.x += 90;
	figure_text(out, &w, "--mode hrt, its program calls Linux");
}

/* As long as it took, the longer of both all the way. */
static void put_program(FILE *out, const struct comparison *c, double y)
{
	double native = times_median(&c->native), hrt = times_median(&c->hrt);
	double longest = native > hrt ? native : hrt;
	double plot = WIDTH - NAMES - RIGHT;
	double scale = longest > 0 ? plot / longest : 0;
	size_t letters = strlen(c->name);
	size_t cut = letters > LETTERS ? letters - LETTERS + 3 : 0;
	struct figure_word w = { .x = NAMES - 8,
				 .y = y + BAR + 4,
				 .size = 12,
				 .anchor = FIGURE_RIGHT };

	/* The end tells more: programs of one list often begin alike. */
	figure_printf(out, &w, "%s%s", cut ? "..." : "", c->name + cut);
	figure_rect(out, NAMES, y, native * scale, BAR - 1, NATIVE);
	figure_rect(out, NAMES, y + BAR, hrt * scale, BAR - 1, HRT);
	w = (struct figure_word){ .x = NAMES + native * scale + 6,
				  .y = y + BAR - 4,
				  .size = 12 };
	figure_printf(out, &w, "%.3f s", native);
	w.x = NAMES + hrt * scale + 6;
	w.y += BAR;
	figure_printf(out, &w, "%.3f s, %+.1f %%%s", hrt, more(c),
		      c->is_same ? "" : ", DIFFERENT");
}

void compare_svg(FILE *out, const struct comparison *c, unsigned int count)
{
	figure_begin(out, WIDTH, TOP + ROW * count);
	if (count)
		put_legend(out, c);
	for (unsigned int i = 0; i < count; i++)
		put_program(out, &c[i], TOP + ROW * i);
	figure_end(out);
}
