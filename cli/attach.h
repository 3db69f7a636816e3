/* SPDX-License-Identifier: Apache-2.0 */
/* dive --attach: a program for a split VM that another dive keeps. */
#ifndef CLI_ATTACH_H
#define CLI_ATTACH_H

#include "cli/options.h"

/**
 * attach_run() - have it run there, as if it were here
 * @o: options; attach and words are used
 * @report: overwritten: how it ended
 * @e: why it could not be brought there
 *
 * It has our standard streams, or what is typed on our terminal, and the
 * signals that we get. All signals are blocked afterwards.
 *
 * Return: 0 or -errno.
 */
int must_check attach_run(const struct options *o, struct exit_report *report,
			  struct err *e);

#endif
