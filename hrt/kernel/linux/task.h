/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of the program: each is a thread of Minnow and one of the partner. */
#ifndef MINNOW_LINUX_TASK_H
#define MINNOW_LINUX_TASK_H

#include "call.h"

struct task;

/**
 * task_end_others() - end every other task of the program
 *
 * For process_exit(): returns when the current task is the only one. They end
 * wherever they are: in their program, in a call of Linux, in a wait. The
 * second task that calls it becomes one that ends.
 */
void task_end_others(void);

/**
 * task_is_ending() - has another task called task_end_others()
 *
 * Return: true when the current task has to go to task_end() soon.
 */
bool task_is_ending(void);

/**
 * task_end() - the current task ends, the others go on
 * @status: of exit(); that of the first task is the program's if all end so
 */
_Noreturn void task_end(int status);

/**
 * task_find() - look for a task of the program
 * @tid: its thread id
 *
 * Return: the task, NULL: none has it. It is not freed as long as the caller
 * holds process.lock.
 */
struct task *task_find(uint32_t tid);

call_fn sys_clone, sys_clone3, sys_exit, sys_exit_group;
call_fn sys_set_tid_address, sys_set_robust_list, sys_get_robust_list;
call_fn sys_gettid;

#endif
