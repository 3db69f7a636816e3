// SPDX-License-Identifier: Apache-2.0
// The one I/O thread of all virtio devices.
#include "vmm/virtio/loop.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define EVENTS 16

/* Who had the lock for so long lets others have it: locks are not fair. */
#define LONG_NS  1000000u
#define PAUSE_NS 200000

static void on_wake(struct loop_watch *w)
{
	(void)w; /* quit is set */
}

int loop_open(struct loop *l, pthread_mutex_t *lock, struct err *e)
{
	*l = (struct loop){
		.lock = lock,
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.wake = { eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), EPOLLIN,
			  on_wake },
	};
	if (l->epoll < 0 || l->wake.fd < 0)
		return err_set(e, -errno,
			       "no descriptors for the I/O thread: %s",
			       strerror(errno));
	return loop_add(l, &l->wake, e);
}

int loop_add(struct loop *l, struct loop_watch *w, struct err *e)
{
	struct epoll_event event = { .events = w->events, .data.ptr = w };

	/* syscall: epoll_ctl */
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &event) == 0)
		return 0;
	return err_set(e, -errno, "cannot wait for a descriptor: %s",
		       strerror(errno));
}

static void serve(struct loop *l, struct loop_watch *w)
{
	static const struct timespec pause = { .tv_nsec = PAUSE_NS };
	uint64_t start;

	pthread_mutex_lock(l->lock);
	start = clock_now_ns();
	w->ready(w);
	pthread_mutex_unlock(l->lock);
	if (clock_now_ns() - start > LONG_NS) /* syscall: clock_nanosleep */
		nanosleep(&pause, NULL);
}

static void *run(void *arg)
{
	struct loop *l = arg;
	struct epoll_event event[EVENTS];

	while (!atomic_load(&l->quit)) {
		/* syscall: epoll_wait */
		int n = epoll_wait(l->epoll, event, EVENTS, -1);

		for (int i = 0; i < n && !atomic_load(&l->quit); i++)
			serve(l, event[i].data.ptr);
	}
	return NULL;
}

int loop_start(struct loop *l, struct err *e)
{
	int rc = l->running ? 0 : pthread_create(&l->thread, NULL, run, l);

	if (rc)
		return err_set(e, -rc, "no I/O thread for virtio: %s",
			       strerror(rc));
	l->running = true;
	return 0;
}

void loop_stop(struct loop *l)
{
	uint64_t one = 1;

	if (!l->running)
		return;
	atomic_store(&l->quit, true);
	(void)!write(l->wake.fd, &one, sizeof(one));
	pthread_join(l->thread, NULL);
	l->running = false;
}

void loop_close(struct loop *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	if (l->wake.fd >= 0)
		close(l->wake.fd);
	l->epoll = l->wake.fd = -1;
}
