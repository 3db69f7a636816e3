// SPDX-License-Identifier: Apache-2.0
// diver advise --svg: histograms of calls, and where the time went.
#include "cli/advise.h"
#include "cli/figure.h"

#define WIDTH     900.0
#define LEFT      90.0
#define RIGHT     60.0
#define PLOT      (WIDTH - LEFT - RIGHT)
#define TOP       56.0
#define HEIGHT    220.0
#define LABELS    112.0 /* under the bars */
#define HISTOGRAM (TOP + HEIGHT + LABELS)
#define BARS_MAX  20u
#define NAMES     230.0 /* left of the bars of times */
#define ROW       30.0

#define FORWARDED "#4e79a7"
#define LOCAL     "#59a14f"
#define REFUSED   "#e15759"
#define LINE      "#f28e2b"
#define WAY       "#e15759"
#define IN_LINUX  "#4e79a7"
#define COMPUTED  "#d4d4d4"
#define GRID      "#dddddd"

/* What is drawn of a report, and the scale. */
struct bars {
	unsigned int index[BARS_MAX];
	unsigned int count;
	double all;
	double most;
};

static void choose_bars(const struct report *r, struct bars *b)
{
	*b = (struct bars){ .count = 0 };
	for (unsigned int i = 0; i < r->rows; i++) {
		double n = report_calls(&r->row[i]);

		if (r->row[i].how != DIVE_COUNT_SYSCALL)
			continue;
		b->all += n;
		if (n > b->most)
			b->most = n;
		if (b->count < BARS_MAX && n > 0)
			b->index[b->count++] = i;
	}
}

static void put_axes(FILE *out, const struct bars *b, double top)
{
	struct figure_word count = { .x = LEFT - 8,
				     .size = 11,
				     .anchor = FIGURE_RIGHT };
	struct figure_word share = { .x = WIDTH - RIGHT + 8, .size = 11 };

	for (int i = 0; i <= 4; i++) {
		double y = top + TOP + HEIGHT - HEIGHT * i / 4;

		figure_line(out, LEFT, y, WIDTH - RIGHT, y, GRID);
		count.y = share.y = y + 4;
		figure_printf(out, &count, "%.0f", b->most * i / 4);
		figure_printf(out, &share, "%d %%", 25 * i);
	}
}

static void put_bar(FILE *out, const struct dive_count *c, double x,
		    double width, const double scale[2])
{
	const double part[] = { (double)c->forwarded, (double)c->local,
				(double)c->refused };
	static const char *const colour[] = { FORWARDED, LOCAL, REFUSED };
	double y = scale[0] + TOP + HEIGHT;
	struct figure_word w = { .x = x + width / 2 + 4,
				 .y = y + 14,
				 .size = 11,
				 .turn = -40,
				 .anchor = FIGURE_RIGHT };
	char name[CALLS_NAME_MAX];

	for (unsigned int i = 0; i < 3; i++) {
		double height = part[i] / scale[1] * HEIGHT;

		y -= height;
		figure_rect(out, x, y, width, height, colour[i]);
	}
	calls_name(c, name);
	figure_text(out, &w, name);
}

static void put_legend(FILE *out, double y)
{
	static const struct {
		const char *name;
		const char *colour;
	} entries[] = {
		{ "forwarded", FORWARDED },
		{ "served in the kernel", LOCAL },
		{ "refused", REFUSED },
		{ "share so far", LINE },
	};
	struct figure_word w = { .x = LEFT + 16, .y = y, .size = 12 };

	for (unsigned int i = 0; i < 4; i++) {
		figure_rect(out, w.x - 16, y - 10, 11, 11, entries[i].colour);
		figure_text(out, &w, entries[i].name);
		w.x += 180;
	}
}

static void put_histogram(FILE *out, const struct report *r, double top)
{
	struct figure_word title = { .x = 8, .y = top + 20, .size = 15 };
	double step, width, sum = 0, last_x = LEFT, last_y;
	struct bars b;

	choose_bars(r, &b);
	figure_text(out, &title, r->program);
	title.y += 20;
	title.size = 12;
	if (b.count == 0) {
		figure_text(out, &title, "no calls");
		return;
	}
	put_legend(out, title.y);
	put_axes(out, &b, top);
	step = PLOT / (b.count > 8 ? b.count : 8);
	width = step * 0.7;
	last_y = top + TOP + HEIGHT;
	for (unsigned int i = 0; i < b.count; i++) {
		const struct dive_count *c = &r->row[b.index[i]];
		double x = LEFT + step * i + (step - width) / 2, y;

		put_bar(out, c, x, width, (double[]){ top, b.most });
		sum += report_calls(c);
		y = top + TOP + HEIGHT - sum / b.all * HEIGHT;
		figure_line(out, last_x, last_y, x + width / 2, y, LINE);
		last_x = x + width / 2;
		last_y = y;
	}
}

static void put_times(FILE *out, const struct report *r, double y)
{
	const struct times t = advise_times(r);
	const double part[] = { t.computed, t.local, t.channel, t.linux_s };
	static const char *const colour[] = { COMPUTED, LOCAL, WAY, IN_LINUX };
	double all = part[0] + part[1] + part[2] + part[3];
	double x = NAMES, plot = WIDTH - NAMES - RIGHT - 30;
	struct figure_word w = {
		.x = NAMES - 8, .y = y + 16, .size = 12, .anchor = FIGURE_RIGHT
	};

	figure_printf(out, &w, "%.32s", r->program);
	for (unsigned int i = 0; i < 4 && all > 0; i++) {
		double width = part[i] / all * plot;

		figure_rect(out, x, y + 2, width, ROW - 10, colour[i]);
		x += width;
	}
	w.anchor = FIGURE_LEFT;
	w.x = NAMES + plot + 6;
	figure_printf(out, &w, "%.3f s", r->run_s);
}

static void put_time_legend(FILE *out, double y)
{
	static const struct {
		const char *name;
		const char *colour;
	} entries[] = {
		{ "computed", COMPUTED },
		{ "served in the kernel", LOCAL },
		{ "way to Linux and back", WAY },
		{ "in Linux", IN_LINUX },
	};
	struct figure_word w = { .x = 8, .y = y + 20, .size = 15 };

	figure_text(out, &w, "Where the time went");
	w = (struct figure_word){ .x = NAMES + 16, .y = y + 20, .size = 12 };
	for (unsigned int i = 0; i < 4; i++) {
		figure_rect(out, w.x - 16, y + 10, 11, 11, entries[i].colour);
		figure_text(out, &w, entries[i].name);
		w.x += 160;
	}
}

void advise_svg(FILE *out, const struct report *r, unsigned int count)
{
	double y = HISTOGRAM * count;

	figure_begin(out, WIDTH, y + ROW * count + 50);
	for (unsigned int i = 0; i < count; i++)
		put_histogram(out, &r[i], HISTOGRAM * i);
	put_time_legend(out, y);
	for (unsigned int i = 0; i < count; i++)
		put_times(out, &r[i], y + 36 + ROW * i);
	figure_end(out);
}
