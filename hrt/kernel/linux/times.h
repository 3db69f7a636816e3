/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of CPU time: what threads of the program have run on our CPUs. */
#ifndef MINNOW_LINUX_TIMES_H
#define MINNOW_LINUX_TIMES_H

#include <stdint.h>

/**
 * times_init() - nothing has run; before the program
 */
void times_init(void);

/**
 * times_clock() - the time of a clock of CPU time
 * @id: of Linux
 * @ns: written
 *
 * Return: 0; -EINVAL when its thread is none of the program's; -ENODEV when it
 * is no such clock, or that of another process.
 */
int times_clock(uint32_t id, uint64_t *ns);

#endif
