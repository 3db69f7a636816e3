/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that can be made of reports, for tests that only look whether it holds. */
#ifndef CLI_TEST_RENDER_H
#define CLI_TEST_RENDER_H

#include "cli/advise.h"

/**
 * render_all() - text, CSV, JSON and pictures; aborts when they are wrong
 * @r: reports
 * @count: of them
 *
 * Wrong is a byte that a terminal would obey, and an estimate out of order.
 */
void render_all(const struct report *r, unsigned int count);

/**
 * render_report() - one report as text or a picture
 * @r: report
 * @svg: as a picture
 *
 * Return: to be freed.
 */
char *render_report(const struct report *r, bool svg);

#endif
