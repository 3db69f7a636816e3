// SPDX-License-Identifier: Apache-2.0
// --timing-svg: the phases of a run as a picture.
#include "cli/svg.h"

#include <inttypes.h>

#include "cli/timing.h"

#define LABELS 230u /* width of the words on the left */
#define AXIS   640u /* width of the time axis */
#define RIGHT  110u /* room for the time behind the last bar */
#define TOP    48u
#define ROW    26u
#define TICKS  8u

/* The time axis and the next free row. */
struct canvas {
	FILE *out;
	uint64_t start_ns;
	uint64_t length_ns;
	unsigned int y;
};

static const char *colour(enum run_phase phase)
{
	static const char *const colours[RUN_PHASES] = {
		[PHASE_IMAGE] = "#4e79a7",   [PHASE_VM] = "#76b7b2",
		[PHASE_LOADED] = "#59a14f",  [PHASE_CPUS] = "#edc948",
		[PHASE_OUTPUT] = "#f28e2b",  [PHASE_STOPPED] = "#e15759",
		[PHASE_FLUSHED] = "#b07aa1",
	};

	return colours[phase];
}

/* Tenths of a unit from the left edge. */
static unsigned int place(const struct canvas *c, uint64_t ns)
{
	unsigned __int128 tenths =
		(unsigned __int128)(ns - c->start_ns) * AXIS * 10;

	return LABELS * 10 + (unsigned int)(tenths / c->length_ns);
}

/* XML 1.0 2.2 and 2.4: what may not stand in text is replaced. */
void svg_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else
			putc(*text >= ' ' && *text < 127 ? *text : '?', out);
	}
}

static void put_ms(FILE *out, uint64_t ns)
{
	fprintf(out, "%" PRIu64 ".%03" PRIu64 " ms", ns / 1000000,
		ns / 1000 % 1000);
}

/* 1, 2 or 5 times a power of ten, so that there are at most TICKS. */
static uint64_t tick_step(uint64_t length_ns)
{
	static const unsigned int next[] = { 2, 5, 10 };
	uint64_t decade = 1000;
	uint64_t step = decade;

	for (unsigned int i = 0; length_ns / step > TICKS; i++) {
		step = decade * next[i % 3];
		if (i % 3 == 2)
			decade = step;
	}
	return step;
}

static void put_ticks(const struct canvas *c, unsigned int bottom)
{
	uint64_t step = tick_step(c->length_ns);

	for (uint64_t ns = 0; ns <= c->length_ns; ns += step) {
		unsigned int x = place(c, c->start_ns + ns);

		fprintf(c->out,
			"<line x1=\"%u.%u\" y1=\"%u\" x2=\"%u.%u\" y2=\"%u\" stroke=\"#ddd\"/>\n",
			x / 10, x % 10, TOP - 4, x / 10, x % 10, bottom);
		fprintf(c->out,
			"<text x=\"%u.%u\" y=\"%u\" text-anchor=\"middle\" fill=\"#777\">",
			x / 10, x % 10, bottom + 14);
		put_ms(c->out, ns);
		fputs("</text>\n", c->out);
	}
}

static void put_phase(struct canvas *c, enum run_phase phase, uint64_t from,
		      uint64_t to)
{
	unsigned int left = place(c, from);
	unsigned int right = place(c, to);
	unsigned int width = right - left > 5 ? right - left : 5;

	fprintf(c->out, "<text x=\"8\" y=\"%u\">%s</text>\n", c->y + 16,
		timing_phase(phase));
	fprintf(c->out,
		"<rect x=\"%u.%u\" y=\"%u\" width=\"%u.%u\" height=\"18\" fill=\"%s\"/>\n",
		left / 10, left % 10, c->y + 2, width / 10, width % 10,
		colour(phase));
	fprintf(c->out, "<text x=\"%u\" y=\"%u\">", (left + width) / 10 + 6,
		c->y + 16);
	put_ms(c->out, to - from);
	fputs("</text>\n", c->out);
	c->y += ROW;
}

static void put_mark(const struct canvas *c, unsigned int id, uint64_t ns,
		     unsigned int bottom)
{
	unsigned int x = place(c, ns);

	fprintf(c->out,
		"<line x1=\"%u.%u\" y1=\"%u\" x2=\"%u.%u\" y2=\"%u\" stroke=\"#333\" stroke-dasharray=\"3 3\"/>\n",
		x / 10, x % 10, TOP - 4, x / 10, x % 10, bottom);
	fprintf(c->out,
		"<text x=\"%u.%u\" y=\"%u\" text-anchor=\"middle\">mark %u</text>\n",
		x / 10, x % 10, TOP - 8, id);
}

static unsigned int phases_reached(const struct exit_report *r)
{
	uint64_t before = r->phase_ns[PHASE_START];
	unsigned int n = 0;

	for (enum run_phase p = PHASE_IMAGE; p < RUN_PHASES; p++) {
		if (r->phase_ns[p] < before)
			continue;
		before = r->phase_ns[p];
		n++;
	}
	return n;
}

static void put_title(const struct canvas *c, const char *title)
{
	fputs("<text x=\"8\" y=\"20\" font-size=\"15\">", c->out);
	svg_text(c->out, title);
	fputs(": ", c->out);
	put_ms(c->out, c->length_ns);
	fputs("</text>\n", c->out);
}

void svg_print(FILE *out, const struct exit_report *report, const char *title)
{
	uint64_t before = report->phase_ns[PHASE_START];
	unsigned int bottom = TOP + phases_reached(report) * ROW;
	struct canvas c = { .out = out,
			    .start_ns = before,
			    .length_ns = timing_length(report),
			    .y = TOP };

	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		LABELS + AXIS + RIGHT, bottom + 24);
	if (c.length_ns) {
		put_title(&c, title);
		put_ticks(&c, bottom);
		for (enum run_phase p = PHASE_IMAGE; p < RUN_PHASES; p++) {
			if (report->phase_ns[p] < before)
				continue; /* not reached */
			put_phase(&c, p, before, report->phase_ns[p]);
			before = report->phase_ns[p];
		}
		for (unsigned int i = 0; i < REPORT_MARKS_MAX; i++)
			if (report->mark_ns[i] >= c.start_ns &&
			    report->mark_ns[i] - c.start_ns <= c.length_ns)
				put_mark(&c, i, report->mark_ns[i], bottom);
	}
	fputs("</svg>\n", out);
}
