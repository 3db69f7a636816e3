/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals of the program: from its own calls, from its faults, from outside.
 * sigframe.h says what a handler finds on the stack.
 */
#ifndef MINNOW_LINUX_SIGNAL_H
#define MINNOW_LINUX_SIGNAL_H

#include "../list.h"
#include "call.h"

struct siginfo;
struct task;

/* What a local call returns when a signal ended it, as in Linux's kernel. */
#define SIGNAL_RESTART    512 /* call again if the handler has SA_RESTART */
#define SIGNAL_NO_HANDLER 514 /* call again only if no handler runs */

/**
 * struct signal_queue - signals that wait
 * @set: bit n: signal n + 1
 * @infos: what is known of them, oldest first
 */
struct signal_queue {
	uint64_t set;
	struct list infos;
};

/**
 * struct task_signal - a task's part, in struct task; signal.c's alone
 * @blocked: bit n: signal n + 1
 * @saved: what @blocked becomes when a handler has run, see @has_saved
 * @waits: signals that rt_sigtimedwait() waits for
 * @pending: for this task only
 * @link: among all tasks
 * @stack: sigaltstack()
 * @stack_size: bytes, 0: there is none
 * @stack_flags: SS_AUTODISARM or 0
 * @has_saved: rt_sigsuspend() and its like have changed @blocked
 * @has_returned: rt_sigreturn() has set all registers
 */
struct task_signal {
	uint64_t blocked;
	uint64_t saved;
	uint64_t waits;
	struct signal_queue pending;
	struct list link;
	uint64_t stack;
	uint64_t stack_size;
	uint32_t stack_flags;
	bool has_saved;
	bool has_returned;
};

/**
 * signal_init() - no handlers, nothing pending; before the program begins
 */
void signal_init(void);

/**
 * signal_task_init() - the signal state of a new task
 * @task: its thread is set; its signal is written
 * @parent: whose blocked signals it inherits, NULL: none are
 *
 * From here on it may be chosen to take a signal. process_add_task() calls it.
 */
void signal_task_init(struct task *task, const struct task *parent);

/**
 * signal_task_end() - a task takes no signals any more
 * @task: ends; others get what it was to take for the process
 *
 * Before its thread is freed.
 */
void signal_task_end(struct task *task);

/**
 * signal_poll() - take signals that the partner has counted
 *
 * When the doorbell rang. Also from interrupts.
 */
void signal_poll(void);

/**
 * signal_interrupts() - must the current task stop waiting
 *
 * After wait_interruptible() has returned -EINTR: tells a signal that counts
 * from one that is blocked, ignored or another's. When it returns false the
 * thread's interrupted is 0 again: go on waiting.
 *
 * Return: true when a handler is to run or the program to end: return -EINTR
 * or one of SIGNAL_* (negative) to the program's side soon.
 */
bool signal_interrupts(void);

/**
 * signal_deliver() - thread_ops.resume of a program's thread
 * @frame: registers of the program; made those of a handler
 *
 * Does not return when the program is to end.
 */
void signal_deliver(struct frame *frame);

/**
 * signal_after_call() - the last thing of each system call
 * @frame: rax is still the number of the call; becomes the result, and the
 *	whole a repetition or a handler if a signal has interrupted the call
 * @result: of the call
 */
void signal_after_call(struct frame *frame, int64_t result);

/**
 * signal_fault() - an exception that nobody can mend
 * @frame: where it happened
 * @address: in case of a page fault
 *
 * @frame becomes a handler's. Does not return when there is none: the program
 * ends.
 */
void signal_fault(struct frame *frame, uint64_t address);

call_fn sys_rt_sigaction, sys_rt_sigprocmask, sys_rt_sigpending;
call_fn sys_rt_sigsuspend, sys_rt_sigtimedwait, sys_rt_sigreturn;
call_fn sys_sigaltstack, sys_pause;
call_fn sys_kill, sys_tkill, sys_tgkill, sys_rt_sigqueueinfo;
call_fn sys_rt_tgsigqueueinfo;

#endif
