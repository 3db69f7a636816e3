/* SPDX-License-Identifier: Apache-2.0 */
/* --timing-svg: the phases of a run as a picture. */
#ifndef CLI_SVG_H
#define CLI_SVG_H

#include <stdio.h>

#include "base/run.h"

/**
 * svg_print() - phases and marks over time, as SVG 1.1
 * @out: where to
 * @report: of a run that ended
 * @title: the kernel's name; any bytes
 */
void svg_print(FILE *out, const struct exit_report *report, const char *title);

/**
 * svg_text() - words between two tags
 * @out: where to
 * @text: any bytes; what may not stand there is replaced
 */
void svg_text(FILE *out, const char *text);

#endif
