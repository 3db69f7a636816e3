/* SPDX-License-Identifier: Apache-2.0 */
/* Printing words that came from a file or a guest. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdio.h>

#include "base/err.h"

/**
 * text_put() - print a string that nobody vouches for
 * @out: where to
 * @text: what is not printable ASCII comes out as \xNN, so that no escape
 *	sequence reaches a terminal
 */
void text_put(FILE *out, const char *text);

/**
 * text_error() - "dive: what, why, what to do" on stderr
 * @e: an error, printed as text_put() does
 */
void text_error(const struct err *e);

/**
 * text_columns() - how wide a table may be
 * @out: a terminal, or not
 *
 * Return: 80 to 200 characters.
 */
unsigned int text_columns(FILE *out);

#endif
