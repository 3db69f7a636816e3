// SPDX-License-Identifier: Apache-2.0
// Requests to the partner, and the wait for its answers.
#include "channel.h"

#include <asm/errno.h>

#include "../boot.h"
#include "../console.h"
#include "../cpu.h"
#include "../sched.h"
#include "call.h"
#include "process.h"

#define CONTROL 0
#define FIRST   1

/*
 * A thread that waits keeps its CPU, if no other wants it, for at most as long as
 * sleep has cost lately: so waiting never costs more than twice of what it must.
 */
#define SPIN_MIN_US 50
#define SPIN_MAX_US 1000
/* A doorbell may get lost with whoever should ring it. */
#define SLEEP_NS CLOCK_SEC

static struct dive_delegate *area;
static uint64_t spin_cycles, sleep_cycles, spin_min, spin_max;

/* Threads that sleep, by channel, for the doorbell. */
static struct {
	uint32_t number; /* of the answer that they wait for */
	bool is_asleep;
} sleepers[DIVE_CHANNELS_MAX];

/* The control channel is for one at a time. */
static struct mutex control_lock;
static struct channel_end control;

static struct mutex table_lock;
static bool is_taken[DIVE_CHANNELS_MAX];
static unsigned int channel_count;

static uint64_t wakes, spins;

static struct dive_channel *channel_at(unsigned int number)
{
	return (struct dive_channel *)((uintptr_t)area +
				       DIVE_DELEGATE_CHANNELS) +
	       number;
}

struct dive_delegate *channel_area(void)
{
	return area;
}

static void wake(unsigned int number)
{
	wait_wake(&channel_at(number)->reply, UINT32_MAX);
}

static void on_doorbell(void)
{
	console_rung();
	process_ring();
	signal_poll();
	for (unsigned int i = 0; i < DIVE_CHANNELS_MAX; i++)
		if (__atomic_load_n(&sleepers[i].is_asleep, __ATOMIC_SEQ_CST) &&
		    __atomic_load_n(&channel_at(i)->reply, __ATOMIC_SEQ_CST) ==
			    sleepers[i].number)
			wake(i);
}

void channel_wake_all(void)
{
	for (unsigned int i = 0; i < DIVE_CHANNELS_MAX; i++)
		if (__atomic_load_n(&sleepers[i].is_asleep, __ATOMIC_SEQ_CST))
			wake(i);
}

int channel_init(const struct dive_range *window)
{
	uint32_t boot;

	if (window->size < DIVE_DELEGATE_MEMORY + DIVE_PIECE)
		return -ENODEV;
	area = (struct dive_delegate *)(window->start + DIVE_DELEGATE_AREA);
	spin_min = boot_machine->tsc_khz * SPIN_MIN_US / 1000;
	spin_max = boot_machine->tsc_khz * SPIN_MAX_US / 1000;
	spin_cycles = sleep_cycles = spin_min;
	boot = __atomic_load_n(&area->kernel_boot, __ATOMIC_RELAXED) + 1;
	__atomic_store_n(&area->kernel_boot, boot ? boot : 1, __ATOMIC_SEQ_CST);
	irq_set(DIVE_VECTOR_DOORBELL, on_doorbell);
	return 0;
}

/* Nobody answers, or nobody is interested. */
static bool is_over(bool is_call)
{
	if (__atomic_load_n(&area->partner_state, __ATOMIC_RELAXED) ==
	    DIVE_PARTNER_GONE)
		process_lost();
	return __atomic_load_n(&process.is_lost, __ATOMIC_ACQUIRE) ||
	       (is_call && process_is_ending());
}

static void sleep(struct channel_end *end, unsigned int number, bool is_call,
		  bool is_interruptible)
{
	const uint32_t *reply = &end->channel->reply;
	uint32_t seen;

	channel_kernel_sleeps(end, true);
	sleepers[number].number = end->number;
	__atomic_store_n(&sleepers[number].is_asleep, true, __ATOMIC_SEQ_CST);
	seen = __atomic_load_n(reply, __ATOMIC_SEQ_CST);
	if (seen != end->number && !is_over(is_call)) {
		uint64_t deadline = clock_ns() + SLEEP_NS;

		if (is_interruptible)
			wait_interruptible(reply, seen, deadline);
		else
			wait_on(reply, seen, deadline);
	}
	__atomic_store_n(&sleepers[number].is_asleep, false, __ATOMIC_SEQ_CST);
	channel_kernel_sleeps(end, false);
}

static void count(uint64_t *what, uint64_t *shown)
{
	__atomic_store_n(shown, __atomic_add_fetch(what, 1, __ATOMIC_RELAXED),
			 __ATOMIC_RELAXED);
}

static int control_call(struct channel_call *call);

static void interrupt(unsigned int number)
{
	struct channel_call call = { .type = DIVE_CALL_INTERRUPT,
				     .arg = { number } };

	/* There is nothing to do about an error. */
	(void)control_call(&call);
}

static bool must_interrupt(void)
{
	return __atomic_load_n(&thread_current()->interrupted,
			       __ATOMIC_SEQ_CST) &&
	       signal_interrupts();
}

/*
 * What sleeps have cost, without Linux's part, is a mean of the last. Spinning for
 * that long is worth it while answers come meanwhile: where both sides share one
 * processor they come only when this one sleeps.
 */
static void learn(uint64_t total, uint64_t service, bool has_slept)
{
	uint64_t cost = total > service ? total - service : 0;
	uint64_t mean = __atomic_load_n(&sleep_cycles, __ATOMIC_RELAXED);
	uint64_t spin = __atomic_load_n(&spin_cycles, __ATOMIC_RELAXED);

	spin = has_slept || cost > spin ? spin / 2 : spin * 2;
	if (has_slept)
		mean = (7 * mean + (cost < spin_max ? cost : spin_max)) / 8;
	mean = mean > spin_min ? mean : spin_min;
	spin = spin > spin_min ? spin : spin_min;
	__atomic_store_n(&sleep_cycles, mean, __ATOMIC_RELAXED);
	__atomic_store_n(&spin_cycles, spin < mean ? spin : mean,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&area->sleep_us,
			 (uint32_t)(mean * SPIN_MIN_US / spin_min),
			 __ATOMIC_RELAXED);
}

/* Signals interrupt a system call only: the rest is over soon. */
static int await(struct channel_end *end, unsigned int number,
		 struct channel_call *call, bool is_interruptible)
{
	bool is_call = call->type == DIVE_CALL_SYSCALL;
	uint64_t start = dive_tsc();
	uint64_t until =
		start + __atomic_load_n(&spin_cycles, __ATOMIC_RELAXED);
	bool has_slept = false, is_interrupted = false;

	while (!channel_poll(end, call)) {
		if (is_over(is_call))
			return -EINTR;
		if (is_interruptible && !is_interrupted && must_interrupt()) {
			is_interrupted = true;
			interrupt(number);
		} else if (dive_tsc() < until) {
			dive_pause();
			sched_yield();
		} else {
			if (!has_slept)
				start = dive_tsc();
			has_slept = true;
			sleep(end, number, is_call,
			      is_interruptible && !is_interrupted);
			/* If it has come to nothing it is tried again. */
			is_interrupted = false;
		}
	}
	learn(dive_tsc() - start, call->service, has_slept);
	if (has_slept)
		count(&wakes, &area->call_wakes);
	else
		count(&spins, &area->call_spins);
	return 0;
}

static int ask(struct channel_end *end, unsigned int number,
	       struct channel_call *call, bool is_interruptible)
{
	if (is_over(call->type == DIVE_CALL_SYSCALL))
		return -EINTR;
	if (channel_post(end, call))
		dive_window_ring();
	return await(end, number, call, is_interruptible);
}

static int control_call(struct channel_call *call)
{
	int ret;

	mutex_lock(&control_lock);
	ret = ask(&control, CONTROL, call, false);
	mutex_unlock(&control_lock);
	return ret;
}

static void set_cost(struct call_cost *cost, uint64_t start,
		     const struct channel_call *call)
{
	cost->total = dive_tsc() - start;
	cost->service =
		call->service < cost->total ? call->service : cost->total;
}

static int64_t ask_linux(uint32_t nr, const uint64_t arg[6],
			 struct call_cost *cost, bool is_interruptible)
{
	struct channel_call call = { .type = DIVE_CALL_SYSCALL, .nr = nr };
	struct task *task = task_current();
	uint64_t start = dive_tsc();
	int ret;

	memcpy(call.arg, arg, sizeof(call.arg));
	ret = ask(&task->end, task->channel, &call, is_interruptible);
	if (cost)
		set_cost(cost, start, &call);
	return ret ? ret : call.result;
}

int64_t call_linux(uint32_t nr, const uint64_t arg[6], struct call_cost *cost)
{
	return ask_linux(nr, arg, cost, true);
}

int64_t call_linux_surely(uint32_t nr, const uint64_t arg[6])
{
	return ask_linux(nr, arg, NULL, false);
}

int channel_map(uintptr_t va, uint64_t offset, uint64_t size)
{
	struct channel_call call = { .type = DIVE_CALL_MAP,
				     .arg = { va, offset, size } };
	struct task *task = task_current();
	uint64_t start = dive_tsc();
	struct call_cost cost;
	int ret = ask(&task->end, task->channel, &call, false);

	if (ret)
		return ret;
	set_cost(&cost, start, &call);
	call_count_map(&cost);
	return call.result < 0 ? -ENOMEM : 0;
}

static void attach(struct task *task, unsigned int number)
{
	channel_attach(&task->end, channel_at(number), true);
	task->channel = number;
}

void channel_begin(struct task *task, unsigned int channels)
{
	memset(is_taken, 0, sizeof(is_taken));
	is_taken[CONTROL] = is_taken[FIRST] = true;
	channel_count = channels;
	channel_attach(&control, channel_at(CONTROL), true);
	attach(task, FIRST);
}

int channel_open(struct task *task)
{
	struct channel_call call = { .type = DIVE_CALL_THREAD };
	unsigned int number = FIRST;
	int64_t ret;

	mutex_lock(&table_lock);
	while (number < channel_count && is_taken[number])
		number++;
	if (number < channel_count)
		is_taken[number] = true;
	mutex_unlock(&table_lock);
	if (number >= channel_count)
		return -EAGAIN;
	attach(task, number);
	call.arg[0] = number;
	ret = control_call(&call);
	if (!ret)
		ret = call.result;
	if (ret > 0 && ret <= INT32_MAX) {
		task->tid = (uint32_t)ret;
		return 0;
	}
	task->channel = 0;
	__atomic_store_n(&is_taken[number], false, __ATOMIC_RELEASE);
	return ret < 0 && ret >= -4095 ? (int)ret : -EAGAIN;
}

void channel_close(struct task *task)
{
	struct channel_call call = { .type = DIVE_CALL_LEAVE };
	unsigned int number = task->channel;

	/* The partner's first thread stays, as Linux's does. */
	if (number <= FIRST)
		return;
	if (ask(&task->end, number, &call, false))
		return;
	task->channel = 0;
	__atomic_store_n(&is_taken[number], false, __ATOMIC_RELEASE);
}

void channel_exit(int status, int signal)
{
	struct channel_call call = { .type = DIVE_CALL_EXIT,
				     .arg = { (uint64_t)status,
					      (uint64_t)signal } };

	mutex_lock(&control_lock);
	if (channel_post(&control, &call))
		dive_window_ring();
	mutex_unlock(&control_lock);
}
