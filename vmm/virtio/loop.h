/* SPDX-License-Identifier: Apache-2.0 */
/* The one I/O thread of all virtio devices. */
#ifndef VMM_VIRTIO_LOOP_H
#define VMM_VIRTIO_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/**
 * struct loop_watch - a descriptor that is waited for
 * @fd: what is waited for; the loop does not close it
 * @events: EPOLLIN and the like
 * @ready: called on the I/O thread with the loop's lock held
 */
struct loop_watch {
	int fd;
	uint32_t events;
	void (*ready)(struct loop_watch *w);
};

/**
 * struct loop - the thread and what it waits for
 * @lock: held whenever a watch is called; borrowed
 * @epoll: what it waits on; -1 = none
 * @wake: ends the wait
 * @running: there is a thread
 * @quit: it shall end
 * @thread: it
 */
struct loop {
	pthread_mutex_t *lock;
	int epoll;
	struct loop_watch wake;
	bool running;
	atomic_bool quit;
	pthread_t thread;
};

/**
 * loop_open() - a loop without a thread
 * @l: any content
 * @lock: borrowed
 * @e: why not
 *
 * Return: 0 or -errno; loop_close() in both cases.
 */
int must_check loop_open(struct loop *l, pthread_mutex_t *lock, struct err *e);

/**
 * loop_add() - wait for one more descriptor
 * @l: open
 * @w: stays where it is until loop_stop()
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check loop_add(struct loop *l, struct loop_watch *w, struct err *e);

/**
 * loop_start() - start the thread if there is none; any thread, lock held
 * @l: open
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check loop_start(struct loop *l, struct err *e);

/**
 * loop_stop() - end the thread
 * @l: running or not; the lock is not held
 */
void loop_stop(struct loop *l);

/**
 * loop_close() - release what loop_open() took
 * @l: stopped
 */
void loop_close(struct loop *l);

#endif
