/* SPDX-License-Identifier: Apache-2.0 */
/* Which thread runs where: one queue per CPU, turn by turn. */
#ifndef MINNOW_SCHED_H
#define MINNOW_SCHED_H

#include "lock.h"
#include "thread.h"

/* How long a thread runs while others wait. */
#define SCHED_SLICE_NS 10000000

/**
 * sched_init() - answer VECTOR_WAKE; once
 */
void sched_init(void);

/**
 * sched_idle() - what a CPU does from now on: run threads, sleep
 */
_Noreturn void sched_idle(void);

/**
 * sched_yield() - let the other threads of this CPU run first
 */
void sched_yield(void);

/**
 * sched_wake() - make a thread ready
 * @thread: new or waiting, and nobody else wakes it
 *
 * Also from interrupts.
 */
void sched_wake(struct thread *thread);

/**
 * sched_sleep() - stop being ready; returns when somebody has woken it
 * @lock: held by the caller, who has put the thread where its waker finds it
 *	under this lock; not held any more afterwards
 *
 * Interrupts off.
 */
void sched_sleep(struct spin *lock);

/**
 * sched_exit() - the thread that calls runs no more
 */
_Noreturn void sched_exit(void);

/**
 * sched_begin() - what a new thread does first, on its own stack
 */
void sched_begin(void);

/**
 * sched_has_left() - can a thread be freed
 * @thread: a thread that has ended or is about to
 *
 * Return: true when it is dead and no CPU uses its stack.
 */
bool sched_has_left(struct thread *thread);

/**
 * sched_kick() - make a thread look at its @interrupted
 * @thread: not freed meanwhile; if it runs its program now, an interrupt takes
 *	it out for a moment
 */
void sched_kick(struct thread *thread);

/**
 * sched_interrupted() - the end of an interrupt: is it another's turn
 *
 * Interrupts off.
 */
void sched_interrupted(void);

#endif
