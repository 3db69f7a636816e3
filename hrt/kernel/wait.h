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
 * another value; -EFAULT when it is not mapped; -ETIMEDOUT.
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

/* Every wait without bits of its own has all of them. */
#define WAIT_ALL UINT32_MAX

/**
 * wait_bits() - wait_interruptible() for some wake-ups only
 * @word: as above
 * @value: as above
 * @deadline_ns: as above
 * @bits: wait_wake_bits() must have one of these
 *
 * Return: as above.
 */
int wait_bits(const uint32_t *word, uint32_t value, uint64_t deadline_ns,
	      uint32_t bits);

/**
 * wait_wake_bits() - wait_wake() for some threads only
 * @word: as above
 * @count: how many at most
 * @bits: a thread must wait for one of these
 *
 * Return: as above.
 */
unsigned int wait_wake_bits(const uint32_t *word, unsigned int count,
			    uint32_t bits);

/**
 * wait_requeue() - wake some threads; let others wait for another word
 * @from: what they wait for
 * @to: what they wait for then
 * @wake: how many are woken at most
 * @move: how many of the others are moved at most
 * @expected: that @from has; NULL: any
 *
 * Nobody begins to wait for @from meanwhile.
 *
 * Return: how many were woken or moved; -EAGAIN when @from has another value,
 * -EFAULT when it is to be read and is not mapped.
 */
int wait_requeue(const uint32_t *from, const uint32_t *to, unsigned int wake,
		 unsigned int move, const uint32_t *expected);

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
