/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of CPU time: what threads of the program have run on our CPUs. */
#ifndef MINNOW_LINUX_CPU_TIME_H
#define MINNOW_LINUX_CPU_TIME_H

#include "call.h"

struct task;

/**
 * cpu_time_init() - nothing has run; before the program
 */
void cpu_time_init(void);

/**
 * cpu_time_clock() - the time of a clock of CPU time
 * @id: of Linux
 * @ns: written
 *
 * Return: 0; -EINVAL when its thread is none of the program's; -ENODEV when it
 * is no such clock, or that of another process.
 */
int cpu_time_clock(uint32_t id, uint64_t *ns);

/**
 * cpu_time_task_end() - a task's CPU time stays the process's
 * @task: ends; not counted any more
 */
void cpu_time_task_end(const struct task *task);

call_fn sys_times, sys_getrusage;

#endif
