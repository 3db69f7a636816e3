/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that wait. */
#ifndef MINNOW_LINUX_SIGNAL_QUEUE_H
#define MINNOW_LINUX_SIGNAL_QUEUE_H

#include "signal_state.h"

/*
 * The caller has a lock around all of these; they do not block, and run in
 * interrupts too.
 */

/**
 * signal_queue_init() - an empty queue
 * @queue: written
 */
void signal_queue_init(struct signal_queue *queue);

/**
 * signal_queue_add() - let a signal wait
 * @queue: where
 * @info: number and more, copied
 *
 * One below SIGRTMIN waits once only.
 *
 * Return: 0; -EAGAIN when there is no memory for a real-time signal, or too
 * many wait.
 */
int signal_queue_add(struct signal_queue *queue, const siginfo_t *info);

/**
 * signal_queue_take() - the next signal
 * @queue: where
 * @set: any of these
 * @info: written when there is one
 *
 * Return: its number, the lowest first; 0 when there is none.
 */
int signal_queue_take(struct signal_queue *queue, uint64_t set,
		      siginfo_t *info);

/**
 * signal_queue_drop() - forget signals
 * @queue: where
 * @set: these
 */
void signal_queue_drop(struct signal_queue *queue, uint64_t set);

#endif
