/* SPDX-License-Identifier: Apache-2.0 */
/* What --trace-file, --stats, --timing-svg and --report need before the kernel runs. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include "cli/options.h"

/**
 * files_open() - make the files and the memory
 * @o: run.trace_fd, run.tally and svg are written
 * @e: why not
 *
 * Return: 0 or -errno; files_close() in both cases.
 */
int must_check files_open(struct options *o, struct err *e);

/**
 * files_close() - close and release them
 * @o: after files_open()
 * @e: what could not be written
 *
 * Return: 0 or -EIO.
 */
int must_check files_close(struct options *o, struct err *e);

#endif
