/* SPDX-License-Identifier: Apache-2.0 */
/* Small system calls that belong to nobody else. */
#ifndef MINNOW_LINUX_MISC_H
#define MINNOW_LINUX_MISC_H

#include "call.h"

/**
 * misc_init() - a new program: forget what Linux said to the last one
 */
void misc_init(void);

call_fn sys_arch_prctl, sys_personality, sys_rseq;
call_fn sys_sched_yield, sys_sched_getaffinity, sys_sched_setaffinity;
call_fn sys_getcpu, sys_mincore, sys_get_mempolicy, sys_nothing;

/* Answers of Linux that stay the same. */
call_fn sys_getpid, sys_identity, sys_set_identity, sys_uname;

/* In between the program and Linux. */
call_fn sys_setrlimit, sys_prlimit64, sys_masked;

#endif
