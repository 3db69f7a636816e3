/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel left on the VGA text screen. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#include "base/gmem.h"
#include "cli/json.h"

/**
 * screen_has_text() - is there anything to be seen
 * @mem: memory of a PC board
 *
 * Return: true when a character of the screen is not blank.
 */
bool screen_has_text(const struct gmem *mem);

/**
 * screen_print() - the screen as lines in UTF-8, each behind "| "
 * @out: where to
 * @mem: memory of a PC board
 *
 * 80 x 25 characters of code page 437 from 0xb8000 on, whatever the CRT
 * controller was told; blanks at the end are left out, and blank lines.
 * Nothing of it reaches a terminal as an escape sequence.
 */
void screen_print(FILE *out, const struct gmem *mem);

/**
 * screen_json() - the same lines as an array "screen"
 * @j: in an object
 * @mem: memory of a PC board
 */
void screen_json(struct json *j, const struct gmem *mem);

#endif
