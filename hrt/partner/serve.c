// SPDX-License-Identifier: Apache-2.0
// Serves the channels: a thread each, by which Linux does what is asked for.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "contract/dive/note.h"
#include "hrt/partner/bell.h"
#include "hrt/partner/caught.h"
#include "hrt/partner/partner.h"

#define ROUNDS     1000 /* before it naps, waiting for a kernel */
#define STACK_SIZE 0x20000

/* What a new thread is told, and tells. */
struct birth {
	struct worker *worker;
	struct channel_end end;
	sem_t is_ready;
};

static uint64_t cycles(void)
{
	return __builtin_ia32_rdtsc();
}

static int64_t serve_interrupt(struct partner *p, uint64_t channel)
{
	struct worker *w;

	if (channel < 1 || channel >= DIVE_CHANNELS_MAX)
		return -EINVAL;
	w = &p->worker[channel];
	if (!__atomic_load_n(&w->is_busy, __ATOMIC_ACQUIRE))
		return -ESRCH;
	caught_interrupt(w,
			 __atomic_load_n(&partner_channel(p, channel)->request,
					 __ATOMIC_SEQ_CST));
	return 0;
}

static int64_t serve_thread(struct partner *p, uint64_t channel);

/* What only the control channel may ask for. */
static int64_t serve_control(struct partner *p, const struct channel_call *call)
{
	switch (call->type) {
	case DIVE_CALL_THREAD:
		return serve_thread(p, call->arg[0]);
	case DIVE_CALL_INTERRUPT:
		return serve_interrupt(p, call->arg[0]);
	case DIVE_CALL_EXIT:
		partner_end(p, call->arg[0], call->arg[1]);
	default:
		return -ENOSYS;
	}
}

int64_t partner_request(struct worker *w, const struct channel_call *call,
			uint32_t number)
{
	struct partner *p = w->partner;

	switch (call->type) {
	case DIVE_CALL_SYSCALL:
		return caught_call(w, number, call);
	case DIVE_CALL_MAP:
		return partner_map(p, call->arg[0], call->arg[1], call->arg[2]);
	default:
		return w == p->worker ? serve_control(p, call) : -ENOSYS;
	}
}

/* What nobody asks for. */
static void look_around(struct partner *p)
{
	static const char lost[] =
		"partner: the kernel was booted again: the program is lost\n";

	partner_count(p);
	if (__atomic_load_n(&partner_delegate(p)->kernel_boot,
			    __ATOMIC_RELAXED) == p->kernel_boot)
		return;
	(void)!write(STDERR_FILENO, lost, sizeof(lost) - 1);
	partner_end(p, 125, 0);
}

/* Until the channel is left. */
static void work(struct worker *w, struct channel_end *end)
{
	struct partner *p = w->partner;
	struct channel_call call;
	bool leaves;

	do {
		uint64_t start;

		while (!bell_wait(w, end, &call))
			look_around(p);
		start = cycles();
		leaves = call.type == DIVE_CALL_LEAVE && w != p->worker;
		if (leaves) {
			call.result = 0;
			__atomic_store_n(&w->is_busy, 0, __ATOMIC_RELEASE);
		} else {
			call.result = partner_request(w, &call, end->number);
		}
		call.service = cycles() - start;
		if (channel_reply(end, &call))
			p->ring();
	} while (!leaves);
}

static void *run_thread(void *context)
{
	struct birth *birth = context;
	struct worker *w = birth->worker;
	struct channel_end end = birth->end;

	w->tid = gettid();
	if (w == w->partner->worker)
		caught_here();
	else
		caught_calls();
	sem_post(&birth->is_ready);
	work(w, &end);
	return NULL;
}

static void take(struct partner *p, size_t channel, struct channel_end *end)
{
	p->worker[channel].partner = p;
	__atomic_store_n(&p->worker[channel].is_busy, 1, __ATOMIC_RELAXED);
	channel_attach(end, partner_channel(p, channel), false);
}

/* A thread that serves @end with @w. */
static int start_thread(struct worker *w, const struct channel_end *end)
{
	struct birth birth = { .worker = w, .end = *end };
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
	struct channel_end end;
	struct worker *w;
	int error;

	if (channel < 2 || channel >= DIVE_CHANNELS_MAX)
		return -EINVAL;
	w = &p->worker[channel];
	if (__atomic_load_n(&w->is_busy, __ATOMIC_ACQUIRE))
		return -EBUSY;
	take(p, channel, &end);
	error = start_thread(w, &end);
	if (error)
		__atomic_store_n(&w->is_busy, 0, __ATOMIC_RELAXED);
	return error ? error : w->tid;
}

/* The job is there; the kernel may be booted only later. */
static void announce(struct partner *p)
{
	struct dive_delegate *d = partner_delegate(p);
	const struct timespec nap = { .tv_nsec = 500000 };
	unsigned int rounds = 0;

	p->run = d->run + 1 ? d->run + 1 : 1;
	d->magic = DIVE_DELEGATE_MAGIC;
	d->version = DIVE_CONTRACT_VERSION;
	d->size = sizeof(*d);
	d->partner_pid = (uint32_t)getpid();
	d->channels = DIVE_CHANNELS_MAX;
	d->partner_wakes = d->partner_faults = 0;
	memset(d->signal, 0, sizeof(d->signal));
	__atomic_store_n(&d->run, p->run, __ATOMIC_RELAXED);
	__atomic_store_n(&d->partner_state, DIVE_PARTNER_READY,
			 __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&d->kernel_sleeps, __ATOMIC_SEQ_CST))
		p->ring();
	while (__atomic_load_n(&d->kernel_run, __ATOMIC_ACQUIRE) != p->run) {
		if (++rounds < ROUNDS)
			sched_yield();
		else
			nanosleep(&nap, NULL);
	}
	p->kernel_boot = __atomic_load_n(&d->kernel_boot, __ATOMIC_RELAXED);
}

int partner_serve(struct partner *p)
{
	struct worker *control = &p->worker[0], *first = &p->worker[1];
	struct channel_end control_end, first_end;
	int error;

	take(p, 0, &control_end);
	take(p, 1, &first_end);
	first->tid = gettid();
	/* Until the kernel has it, a signal ends this process. */
	announce(p);
	caught_start(p);
	error = bell_start(p);
	if (!error)
		error = start_thread(control, &control_end);
	if (error) {
		partner_leave(p, DIVE_PARTNER_GONE);
		p->ring();
		return error;
	}
	caught_calls();
	work(first, &first_end);
	for (;;)
		pause(); /* its number is that of the process */
}
