/* SPDX-License-Identifier: Apache-2.0 */
/* --repeat: measure what a user of the kernel waits for. */
#ifndef CLI_REPEAT_H
#define CLI_REPEAT_H

#include "cli/options.h"

/**
 * repeat_run() - run a kernel many times and print what it took
 * @o: options, with repeat > 0
 *
 * Each run is a process of its own: dive is executed anew with the same
 * arguments and --status-fd. What the kernels print is dropped; stdin is
 * rewound for each run. The table goes to stdout.
 *
 * Return: exit status of the process: 0, or that of the run that failed.
 */
int repeat_run(const struct options *o);

#endif
