/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of signals share. */
#ifndef MINNOW_LINUX_SIGNAL_STATE_H
#define MINNOW_LINUX_SIGNAL_STATE_H

#include "process.h"
#include "sigframe.h"

#define SIGNALS 64 /* the first one has the number 1 */

#define SIGNAL_BIT(signal) (1ull << ((signal)-1))

/* Those that no program blocks or handles. */
#define SIGNALS_SURE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

/**
 * signal_send() - let a signal happen
 * @task: whom it is for, not freed meanwhile; NULL: whoever of the program
 *	wants it
 * @info: its number and what else is known, copied
 *
 * Also from interrupts.
 *
 * Return: 0, -EAGAIN when too many wait.
 */
int signal_send(struct task *task, const siginfo_t *info);

/**
 * signal_send_to() - the same, to a task by its number
 * @tid: thread id in Linux
 * @info: as above; its number 0: only look for the task
 *
 * Return: 0, -EAGAIN, -ESRCH when there is no such task.
 */
int signal_send_to(uint32_t tid, const siginfo_t *info);

/**
 * signal_action() - what happens when a signal comes
 * @signal: 1 to SIGNALS
 * @new: written to the table; NULL: it stays
 * @old: written; may be @new
 */
void signal_action(int signal, const struct sigaction *new,
		   struct sigaction *old);

/**
 * signal_is_ignored() - does nothing happen
 * @signal: its number
 * @action: for it
 *
 * Return: true when nothing does, for it is to be ignored or that is the
 * default action.
 */
bool signal_is_ignored(int signal, const struct sigaction *action);

/**
 * signal_block() - change the blocked signals of the task that calls
 * @blocked: all of them
 *
 * What becomes possible happens on the way to the program.
 */
void signal_block(uint64_t blocked);

/**
 * signal_pending() - which signals wait for the task that calls
 *
 * Return: bit n: signal n + 1.
 */
uint64_t signal_pending(void);

/**
 * signal_take() - take one that waits for the task that calls
 * @set: any of these
 * @info: written when there is one
 *
 * Return: its number, 0 when there is none.
 */
int signal_take(uint64_t set, siginfo_t *info);

/**
 * signal_force() - a signal that cannot wait, because of what the task did
 * @frame: its registers, made those of the handler
 * @info: number, code, address
 * @trap: of the exception, or all 0
 *
 * Does not return when there is no handler, or the signal is blocked.
 */
void signal_force(struct frame *frame, const siginfo_t *info,
		  const struct sigframe_trap *trap);

/**
 * signal_enter() - make a task's registers those of a handler
 * @frame: of the program
 * @action: of the signal, with a handler
 * @info: for the handler
 * @trap: for the handler
 *
 * Return: false when there is no room on the stack; nothing has changed then.
 */
bool signal_enter(struct frame *frame, const struct sigaction *action,
		  const siginfo_t *info, const struct sigframe_trap *trap);

#endif
