// SPDX-License-Identifier: Apache-2.0
// How a worker waits: it looks often, lets others run, sleeps until the bell.
#include "hrt/partner/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPINS 200 /* looks, before it lets others run */

/* How long it looks before it sleeps, whatever the kernel says. */
#define PATIENCE_MIN_NS 50000u
#define PATIENCE_MAX_NS 1000000u

/* A ring that got lost costs no more than that. */
#define LOOK_MS 1000

/* Configuration space (PCI Local Bus 3.0, 6.2.2) and the bell's register. */
#define COMMAND         0x04
#define COMMAND_NO_INTA 0x0400u
#define ACKNOWLEDGE     0x40

#define BELLS "/sys/bus/pci/drivers/uio_pci_generic/*/uio/uio*"
#define ID    "0x4456\n"

/* What the thread that listens is told, and tells. */
struct listener {
	struct partner *partner;
	sem_t is_ready;
	int error;
};

static long futex(uint32_t *word, int what, uint32_t value,
		  const struct timespec *timeout)
{
	return syscall(SYS_futex, word, what | FUTEX_PRIVATE_FLAG, value,
		       timeout, NULL, 0);
}

/* @path is .../uio/uio0: the function's folder, and the device. */
static int open_bell(struct partner *p, char *path)
{
	char device[32], file[PATH_MAX], id[sizeof(ID)] = "";
	int fd;

	snprintf(device, sizeof(device), "/dev/%s", strrchr(path, '/') + 1);
	*strstr(path, "/uio/") = '\0';
	snprintf(file, sizeof(file), "%s/vendor", path);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, id, sizeof(id) - 1) < 0)
		id[0] = '\0';
	if (fd >= 0)
		close(fd);
	if (strcmp(id, ID) != 0)
		return -ENODEV;
	snprintf(file, sizeof(file), "%s/config", path);
	p->config = open(file, O_RDWR | O_CLOEXEC);
	p->bell = open(device, O_RDONLY | O_CLOEXEC);
	return p->config < 0 || p->bell < 0 ? -errno : 0;
}

int bell_find(struct partner *p, struct err *err)
{
	glob_t found = { 0 };
	int error = -ENODEV;

	if (!glob(BELLS, GLOB_NOSORT, NULL, &found)) {
		for (size_t i = 0; error == -ENODEV && i < found.gl_pathc; i++)
			error = open_bell(p, found.gl_pathv[i]);
	}
	globfree(&found);
	if (error == -ENODEV)
		return err_set(err, error,
			       "there is no bell: bind uio_pci_generic to PCI "
			       "device 4456:0001");
	if (error)
		return err_set(err, error, "the bell: %s", strerror(-error));
	return 0;
}

/* A second look is its own: what is asked later rings again. */
static void wake_all(struct partner *p)
{
	struct dive_delegate *d = partner_delegate(p);

	for (size_t i = 0; i < DIVE_CHANNELS_MAX; i++) {
		struct dive_channel *c = partner_channel(p, i);
		struct worker *w = &p->worker[i];

		if (!__atomic_load_n(&w->is_asleep, __ATOMIC_SEQ_CST) ||
		    __atomic_load_n(&c->request, __ATOMIC_SEQ_CST) ==
			    __atomic_load_n(&c->reply, __ATOMIC_SEQ_CST))
			continue;
		__atomic_add_fetch(&w->rung, 1, __ATOMIC_SEQ_CST);
		futex(&w->rung, FUTEX_WAKE, 1, NULL);
		__atomic_add_fetch(&d->partner_wakes, 1, __ATOMIC_RELAXED);
	}
}

/* Descriptors of its own, and of all that there are these two only. */
static int keep(unsigned int a, unsigned int b)
{
	unsigned int low = a < b ? a : b, high = a < b ? b : a;

	if (unshare(CLONE_FILES))
		return -errno;
	if (low > 0)
		close_range(0, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, UINT_MAX, 0);
	return 0;
}

/* Take it, let it interrupt again, and only then look; and once a second. */
static void listen(struct partner *p, int bell, int config)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	struct pollfd ring = { .fd = bell, .events = POLLIN };
	uint32_t count = 0;
	uint16_t command;

	if (pread(config, &command, sizeof(command), COMMAND) < 0)
		command = 0;
	command = (uint16_t)(command & ~COMMAND_NO_INTA);
	for (;;) {
		if (pwrite(config, &count, 1, ACKNOWLEDGE) < 0 ||
		    pwrite(config, &command, sizeof(command), COMMAND) < 0)
			nanosleep(&nap, NULL);
		do
			wake_all(p);
		while (poll(&ring, 1, LOOK_MS) == 0);
		/* Without a bell it still goes on. */
		if (read(bell, &count, sizeof(count)) != sizeof(count))
			nanosleep(&nap, NULL);
	}
}

static void *run_listener(void *context)
{
	struct listener *l = context;
	struct partner *p = l->partner;
	int bell = p->bell, config = p->config;
	int error = keep((unsigned int)bell, (unsigned int)config);

	l->error = error;
	sem_post(&l->is_ready);
	if (!error)
		listen(p, bell, config);
	return NULL;
}

int bell_start(struct partner *p)
{
	struct listener l = { .partner = p };
	pthread_t thread;
	int error;

	sem_init(&l.is_ready, 0, 0);
	error = -pthread_create(&thread, NULL, run_listener, &l);
	if (!error) {
		pthread_detach(thread);
		while (sem_wait(&l.is_ready))
			;
		error = l.error;
	}
	sem_destroy(&l.is_ready);
	/* Not close(): to a sanitizer, descriptors are of the process. */
	close_range((unsigned int)p->bell, (unsigned int)p->bell, 0);
	close_range((unsigned int)p->config, (unsigned int)p->config, 0);
	p->bell = p->config = -1;
	return error;
}

/* Said first, then looked at once more, then slept: contract 12.4. */
static bool sleep_once(struct worker *w, struct channel_end *end,
		       struct channel_call *call)
{
	bool is_control = w == w->partner->worker, is_there;
	const struct timespec second = { .tv_sec = 1 };
	uint32_t rung = __atomic_load_n(&w->rung, __ATOMIC_SEQ_CST);

	__atomic_store_n(&w->is_asleep, 1, __ATOMIC_SEQ_CST);
	channel_partner_sleeps(end, true);
	is_there = channel_take(end, call);
	if (!is_there) {
		futex(&w->rung, FUTEX_WAIT, rung, is_control ? &second : NULL);
		is_there = channel_take(end, call);
	}
	channel_partner_sleeps(end, false);
	__atomic_store_n(&w->is_asleep, 0, __ATOMIC_SEQ_CST);
	return is_there;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* As long as sleep costs: so waiting never costs twice what it must. */
static uint64_t patience_ns(const struct partner *p)
{
	uint64_t ns = 1000ull * __atomic_load_n(&partner_delegate(p)->sleep_us,
						__ATOMIC_RELAXED);

	if (ns < PATIENCE_MIN_NS)
		return PATIENCE_MIN_NS;
	return ns < PATIENCE_MAX_NS ? ns : PATIENCE_MAX_NS;
}

bool bell_wait(struct worker *w, struct channel_end *end,
	       struct channel_call *call)
{
	uint64_t until;

	for (unsigned int i = 0; i < SPINS; i++) {
		if (channel_take(end, call))
			return true;
		__builtin_ia32_pause();
	}
	until = now_ns() + patience_ns(w->partner);
	do {
		if (channel_take(end, call))
			return true;
		sched_yield();
	} while (now_ns() < until);
	while (!sleep_once(w, end, call)) {
		if (w == w->partner->worker)
			return false;
	}
	return true;
}
