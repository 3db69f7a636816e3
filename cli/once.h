/* SPDX-License-Identifier: Apache-2.0 */
/* One ordinary run: boot, tell what became of it, end as it ended. */
#ifndef CLI_ONCE_H
#define CLI_ONCE_H

#include "cli/options.h"

/**
 * once_run() - run a kernel
 * @o: options; run.notify is set
 * @start_ns: CLOCK_MONOTONIC at main()
 *
 * Call it last. Does not return when a signal ended the run: it is raised
 * again, so that the caller of dive sees it.
 *
 * Return: exit status of the process.
 */
int once_run(struct options *o, uint64_t start_ns);

#endif
