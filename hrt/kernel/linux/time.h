/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux's clocks without asking Linux: one reading is forwarded now and then,
 * in between the time stamp counter tells the time.
 */
#ifndef MINNOW_LINUX_TIME_H
#define MINNOW_LINUX_TIME_H

#include "call.h"

/**
 * time_init() - forget what is known of Linux's clocks; before the program
 */
void time_init(void);

/**
 * time_deadline() - when, on clock_ns(), is a time of the program's
 * @clock: CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME of Linux
 * @ns: an absolute time on that clock
 * @deadline_ns: written; not earlier than that, as the program sees it
 *
 * Return: 0 or -errno.
 */
int time_deadline(uint32_t clock, uint64_t ns, uint64_t *deadline_ns);

/**
 * time_timeout() - when, on clock_ns(), has a time gone by
 * @ns: from now on
 *
 * Return: the deadline; not earlier than that, as the program sees it.
 */
uint64_t time_timeout(uint64_t ns);

/**
 * time_read_timespec() - a struct timespec of the program
 * @address: in the program
 * @ns: written, cut at what 64 bits hold
 *
 * Return: 0, -EFAULT, -EINVAL.
 */
int time_read_timespec(uint64_t address, uint64_t *ns);

/**
 * time_forwarded() - Linux has told the program the time
 * @nr: of any call that was forwarded
 * @arg: of it
 * @start_ns: clock_cpu_ns() before it
 *
 * What is told here will not lie before that; should it have been told that it
 * is later, the answer is corrected.
 */
void time_forwarded(uint32_t nr, const uint64_t arg[6], uint64_t start_ns);

call_fn sys_clock_gettime, sys_clock_getres, sys_gettimeofday, sys_time;
call_fn sys_nanosleep, sys_clock_nanosleep;

#endif
