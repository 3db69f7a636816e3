/* SPDX-License-Identifier: Apache-2.0 */
/* What is told while a kernel runs. */
#ifndef CLI_NOTICE_H
#define CLI_NOTICE_H

#include "cli/crash.h"

/**
 * notice_symbols() - names in the kernel, if there are any
 * @r: has image_fd
 * @name: of the file
 *
 * Return: symbols_close() them; NULL when there are none.
 */
struct symbols *notice_symbols(const struct exit_report *r, const char *name);

/**
 * notice_tell() - see run_config.notify
 * @arg: struct options
 * @why: what is new
 * @now: the machine at this moment
 *
 * Any thread; all that is shared is standard error, written in one piece.
 */
void notice_tell(void *arg, enum run_notice why, const struct exit_report *now);

#endif
