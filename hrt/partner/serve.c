// SPDX-License-Identifier: Apache-2.0
// Serves the channels: a thread each, by which Linux does what is asked for.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "contract/dive/note.h"
#include "hrt/partner/call.h"
#include "hrt/partner/partner.h"

#define SPINS  200
#define YIELDS 2000

#define STACK_SIZE 0x20000

/* worker.serving: this one is with Linux. */
#define SERVING_CALL (1ull << 32)

/* What a new thread is told, and tells. */
struct birth {
	struct worker *worker;
	sem_t is_ready;
};

static uint64_t cycles(void)
{
	return __builtin_ia32_rdtsc();
}

static void wait_request(struct channel_end *end, struct channel_call *call)
{
	unsigned int rounds = 0;

	while (!channel_take(end, call)) {
		if (++rounds < SPINS)
			__builtin_ia32_pause();
		else
			sched_yield();
	}
}

static int64_t serve_syscall(struct worker *w, const struct channel_call *call,
			     uint32_t number)
{
	uint64_t serving = SERVING_CALL | number;

	return call_linux(call->nr, call->arg, &w->interrupted, serving);
}

static int64_t serve_thread(struct partner *p, uint64_t channel);

/* What only the control channel may ask for. */
static int64_t serve_control(struct partner *p, const struct channel_call *call)
{
	switch (call->type) {
	case DIVE_CALL_THREAD:
		return serve_thread(p, call->arg[0]);
	case DIVE_CALL_EXIT:
		partner_end(p, call->arg[0], call->arg[1]);
	default:
		return -ENOSYS;
	}
}

static int64_t serve(struct worker *w, const struct channel_call *call,
		     uint32_t number)
{
	struct partner *p = w->partner;

	switch (call->type) {
	case DIVE_CALL_SYSCALL:
		return serve_syscall(w, call, number);
	case DIVE_CALL_MAP:
		return partner_map(p, call->arg[0], call->arg[1], call->arg[2]);
	default:
		return w == p->worker ? serve_control(p, call) : -ENOSYS;
	}
}

/* Until the channel is left. */
static void work(struct worker *w, struct channel_end *end)
{
	struct partner *p = w->partner;
	struct channel_call call;
	bool leaves;

	do {
		uint64_t start;

		wait_request(end, &call);
		start = cycles();
		leaves = call.type == DIVE_CALL_LEAVE && w != p->worker;
		if (leaves) {
			call.result = 0;
			__atomic_store_n(&w->is_busy, 0, __ATOMIC_RELEASE);
		} else {
			call.result = serve(w, &call, end->number);
		}
		call.service = cycles() - start;
		if (channel_reply(end, &call))
			p->ring();
	} while (!leaves);
}

static void attach(struct worker *w, struct channel_end *end)
{
	struct dive_channel *channels =
		(void *)(w->partner->area + DIVE_DELEGATE_CHANNELS);

	w->tid = gettid();
	channel_attach(end, channels + (w - w->partner->worker), false);
}

static void *run_thread(void *context)
{
	struct birth *birth = context;
	struct worker *w = birth->worker;
	struct channel_end end;

	attach(w, &end);
	sem_post(&birth->is_ready);
	work(w, &end);
	return NULL;
}

static int start_thread(struct worker *w)
{
	struct birth birth = { .worker = w };
	pthread_attr_t how;
	pthread_t thread;
	int error;

	sem_init(&birth.is_ready, 0, 0);
	pthread_attr_init(&how);
	pthread_attr_setstacksize(&how, STACK_SIZE);
	pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &how, run_thread, &birth);
	pthread_attr_destroy(&how);
	if (!error) {
		while (sem_wait(&birth.is_ready))
			;
	}
	sem_destroy(&birth.is_ready);
	return -error;
}

static int64_t serve_thread(struct partner *p, uint64_t channel)
{
	struct worker *w;
	int error;

	if (channel < 2 || channel >= DIVE_CHANNELS_MAX)
		return -EINVAL;
	w = &p->worker[channel];
	if (__atomic_load_n(&w->is_busy, __ATOMIC_ACQUIRE))
		return -EBUSY;
	*w = (struct worker){ .partner = p, .is_busy = 1 };
	error = start_thread(w);
	if (error)
		w->is_busy = 0;
	return error ? error : w->tid;
}

/* The job is there; the kernel may be booted only later. */
static void announce(struct partner *p)
{
	struct dive_delegate *d = partner_delegate(p);
	const struct timespec nap = { .tv_nsec = 500000 };
	unsigned int rounds = 0;

	__atomic_store_n(&d->run, p->run, __ATOMIC_RELAXED);
	__atomic_store_n(&d->partner_state, DIVE_PARTNER_READY,
			 __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&d->kernel_sleeps, __ATOMIC_SEQ_CST))
		p->ring();
	while (__atomic_load_n(&d->kernel_run, __ATOMIC_ACQUIRE) != p->run) {
		if (++rounds < YIELDS)
			sched_yield();
		else
			nanosleep(&nap, NULL);
	}
	p->kernel_boot = __atomic_load_n(&d->kernel_boot, __ATOMIC_RELAXED);
}

int partner_serve(struct partner *p)
{
	struct dive_delegate *d = partner_delegate(p);
	struct worker *first = &p->worker[1];
	struct channel_end end;
	int error;

	p->run = d->run + 1 ? d->run + 1 : 1;
	d->magic = DIVE_DELEGATE_MAGIC;
	d->version = DIVE_CONTRACT_VERSION;
	d->size = sizeof(*d);
	d->partner_pid = (uint32_t)getpid();
	d->channels = DIVE_CHANNELS_MAX;
	p->worker[0] = (struct worker){ .partner = p, .is_busy = 1 };
	*first = (struct worker){ .partner = p, .is_busy = 1 };
	attach(first, &end);
	error = start_thread(p->worker);
	if (error)
		return error;
	announce(p);
	work(first, &end);
	for (;;)
		pause(); /* its number is that of the process */
}
