/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting. There is one way to block: wait until somebody says that a word has
 * changed, like Linux's futex. Everything else is made of it.
 */
#ifndef MINNOW_WAIT_H
#define MINNOW_WAIT_H

#include <dive.h>

#include "clock.h"

struct thread;

/**
 * wait_init() - prepare the queues; once
 */
void wait_init(void);

/**
 * wait_on() - block while a word has a value
 * @word: whoever changes it calls wait_wake() then
 * @value: that @word has
 * @deadline_ns: until when, on clock_ns(), or CLOCK_NEVER
 *
 * In a thread.
 *
 * Return: 0 when woken, which may be without cause; -EAGAIN when @word has
 * another value; -ETIMEDOUT.
 */
int wait_on(const uint32_t *word, uint32_t value, uint64_t deadline_ns);

/**
 * wait_interruptible() - the same, but wait_interrupt() ends it
 * @word: as above
 * @value: as above
 * @deadline_ns: as above
 *
 * Return: as above, or -EINTR, until the thread clears its interrupted.
 */
int wait_interruptible(const uint32_t *word, uint32_t value,
		       uint64_t deadline_ns);

/**
 * wait_wake() - wake threads that wait for a word, in the order they came
 * @word: changed before
 * @count: how many at most
 *
 * Also from interrupts.
 *
 * Return: how many were woken.
 */
unsigned int wait_wake(const uint32_t *word, unsigned int count);

/**
 * wait_interrupt() - end what a thread does in wait_interruptible(), now or
 * when it comes there; if it runs its program it comes by ops->resume
 * @thread: not freed meanwhile
 */
void wait_interrupt(struct thread *thread);

/**
 * wait_until() - sleep
 * @deadline_ns: on clock_ns()
 */
void wait_until(uint64_t deadline_ns);

/**
 * struct mutex - a lock that may be held for long; all zero is free
 * @word: 0 free, 1 taken, 2 taken and somebody may wait
 */
struct mutex {
	uint32_t word;
};

/**
 * mutex_lock() - lock, waiting for it
 * @mutex: not held by this thread
 *
 * In a thread; an idle thread only where nobody else can have it.
 */
void mutex_lock(struct mutex *mutex);

/**
 * mutex_unlock() - unlock
 * @mutex: held by this thread
 */
void mutex_unlock(struct mutex *mutex);

#endif
