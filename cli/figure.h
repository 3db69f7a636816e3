/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as SVG 1.1: bars, lines and words at places in pixels. */
#ifndef CLI_FIGURE_H
#define CLI_FIGURE_H

#include <stdio.h>

/* Which end of a word is at its place. */
enum figure_anchor {
	FIGURE_LEFT,
	FIGURE_MIDDLE,
	FIGURE_RIGHT,
};

/**
 * struct figure_word - where words stand
 * @x: place
 * @y: of the line under the letters
 * @size: of the letters
 * @turn: degrees, clockwise
 * @anchor: what is at @x
 */
struct figure_word {
	double x;
	double y;
	double size;
	double turn;
	enum figure_anchor anchor;
};

/**
 * figure_begin() - head of the file, white background
 * @out: where to
 * @width: pixels
 * @height: pixels
 */
void figure_begin(FILE *out, double width, double height);

/**
 * figure_end() - end of the file
 * @out: after figure_begin()
 */
void figure_end(FILE *out);

/**
 * figure_rect() - a filled rectangle
 * @out: after figure_begin()
 * @x: left
 * @y: top
 * @width: not drawn unless above 0
 * @height: see @width
 * @colour: such as "#4e79a7"
 */
void figure_rect(FILE *out, double x, double y, double width, double height,
		 const char *colour);

/**
 * figure_line() - a thin line
 * @out: after figure_begin()
 * @x: from
 * @y: from
 * @to_x: to
 * @to_y: to
 * @colour: see figure_rect()
 */
void figure_line(FILE *out, double x, double y, double to_x, double to_y,
		 const char *colour);

/**
 * figure_text() - words
 * @out: after figure_begin()
 * @w: where
 * @text: any bytes; what is not printable ASCII becomes a question mark
 */
void figure_text(FILE *out, const struct figure_word *w, const char *text);

/**
 * figure_printf() - words that are made
 * @out: after figure_begin()
 * @w: where
 * @fmt: see printf(); 200 characters at most
 */
void figure_printf(FILE *out, const struct figure_word *w, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
