/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of the program: each is a thread of Minnow and one of the partner. */
#ifndef MINNOW_LINUX_TASK_H
#define MINNOW_LINUX_TASK_H

#include "call.h"

call_fn sys_clone, sys_clone3, sys_exit, sys_exit_group;
call_fn sys_set_tid_address, sys_set_robust_list, sys_get_robust_list;
call_fn sys_gettid;

#endif
