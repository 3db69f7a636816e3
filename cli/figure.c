// SPDX-License-Identifier: Apache-2.0
// Figures as SVG 1.1: bars, lines and words at places in pixels.
#include "cli/figure.h"

#include <stdarg.h>

#include "cli/svg.h"

void figure_begin(FILE *out, double width, double height)
{
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		width, height);
}

void figure_end(FILE *out)
{
	fputs("</svg>\n", out);
}

void figure_rect(FILE *out, double x, double y, double width, double height,
		 const char *colour)
{
	if (width > 0 && height > 0)
		fprintf(out,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
			x, y, width, height, colour);
}

void figure_line(FILE *out, double x, double y, double to_x, double to_y,
		 const char *colour)
{
	fprintf(out,
		"<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
		x, y, to_x, to_y, colour);
}

void figure_text(FILE *out, const struct figure_word *w, const char *text)
{
	static const char *const anchors[] = { "start", "middle", "end" };

	fprintf(out,
		"<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" text-anchor=\"%s\"",
		w->x, w->y, w->size, anchors[w->anchor]);
	if (w->turn != 0)
		fprintf(out, " transform=\"rotate(%.0f %.1f %.1f)\"", w->turn,
			w->x, w->y);
	putc('>', out);
	svg_text(out, text);
	fputs("</text>\n", out);
}

void figure_printf(FILE *out, const struct figure_word *w, const char *fmt, ...)
{
	char text[201];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	figure_text(out, w, text);
}
