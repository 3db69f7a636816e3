// SPDX-License-Identifier: Apache-2.0
// Tests of threads, waiting and time.
#include <asm/errno.h>

#include "clock.h"
#include "cpu.h"
#include "heap.h"
#include "ram.h"
#include "sched.h"
#include "test.h"
#include "wait.h"

/* What takes longer than this has failed. */
#define PATIENCE_NS (20 * CLOCK_SEC)

static uint32_t arrived, late;

static void find_cpu(void *arg)
{
	uint64_t flags = irq_save();

	*(struct cpu **)arg = cpu_this();
	irq_restore(flags);
}

/* Ends when all others have begun too, and gives nobody a turn. */
static void meet(void *arg)
{
	uint32_t all = *(uint32_t *)arg;
	uint64_t end = clock_ns() + PATIENCE_NS;

	__atomic_fetch_add(&arrived, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < all)
		if (clock_ns() > end) {
			__atomic_fetch_add(&late, 1, __ATOMIC_RELAXED);
			return;
		}
}

/* Leaves how often it was interrupted. */
static void be_alone(void *arg)
{
	uint64_t *interrupts = &cpu_this()->interrupts, before = *interrupts;
	uint64_t end = clock_ns() + 100 * CLOCK_MS;

	while (clock_ns() < end)
		dive_pause();
	*(uint64_t *)arg = *(volatile uint64_t *)interrupts - before;
}

static void pass_by(void *arg)
{
	__atomic_fetch_add((uint32_t *)arg, 1, __ATOMIC_RELEASE);
}

static void test_many(void)
{
	enum {
		MANY = 60
	};
	uint64_t free[RAM_ORDERS], before = ram_count(free);
	uint32_t done = 0;

	for (int i = 0; i < MANY; i++) {
		struct thread *thread =
			thread_new("test", pass_by, &done, THREAD_ANY_CPU);

		if (!thread)
			break;
		thread->is_detached = i % 2;
		thread_start(thread);
		if (!(i % 2))
			thread_join(thread);
	}
	while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) < MANY)
		sched_yield();
	/* The last detached one may still be on its stack. */
	for (int i = 0; i < 1000 && ram_count(free) != before; i++)
		wait_until(clock_ns() + CLOCK_MS);
	test_ok(ram_count(free) == before, "threads: they leave nothing");
}

/* FS points to a variable of the thread's own. */
static void keep_fs(void *arg)
{
	uint64_t mine = (uintptr_t)arg, found = mine;

	thread_set_fs((uintptr_t)&mine);
	for (int i = 0; i < 20 && found == mine; i++) {
		sched_yield();
		__asm__ volatile("movq %%fs:0, %0" : "=r"(found));
	}
	*(uint32_t *)arg = found == mine;
}

static void test_fs(void)
{
	uint32_t kept[2] = { 0 };
	struct thread *threads[2];

	for (int i = 0; i < 2; i++)
		threads[i] = test_start(keep_fs, &kept[i], 0);
	for (int i = 0; i < 2; i++)
		thread_join(threads[i]);
	test_ok(kept[0] && kept[1], "threads: each has its FS base");
}

static void test_threads(void)
{
	static struct thread *threads[2 * DIVE_CPUS_MAX];
	static struct cpu *found[DIVE_CPUS_MAX];
	uint32_t all = 2 * cpu_count;
	uint64_t interrupts = 0;
	bool right = true;

	for (unsigned int i = 0; i < cpu_count; i++)
		threads[i] = test_start(find_cpu, &found[i], (int)i);
	for (unsigned int i = 0; i < cpu_count; i++) {
		thread_join(threads[i]);
		right &= found[i] == &cpus[i];
	}
	test_ok(right, "threads: each runs on the CPU it is bound to");

	arrived = late = 0;
	for (unsigned int i = 0; i < all; i++)
		threads[i] = test_start(meet, &all, (int)(i % cpu_count));
	for (unsigned int i = 0; i < all; i++)
		thread_join(threads[i]);
	test_ok(!late, "threads: those that never yield are preempted");

	thread_join(test_start(be_alone, &interrupts, (int)cpu_count - 1));
	/* The end of a slice may have been set before. */
	test_ok(interrupts <= 1, "threads: one that is alone has no tick");

	test_many();
	test_fs();
}

struct game {
	uint32_t turn;
	uint32_t rounds;
};

static void play(void *arg)
{
	struct game *game = arg;
	uint32_t seen;

	for (uint32_t i = 0; i < game->rounds; i++) {
		while ((seen = __atomic_load_n(&game->turn, __ATOMIC_ACQUIRE)) %
			       2 ==
		       0)
			wait_on(&game->turn, seen, CLOCK_NEVER);
		__atomic_store_n(&game->turn, seen + 1, __ATOMIC_RELEASE);
		wait_wake(&game->turn, 1);
	}
}

static void test_turns(void)
{
	struct game game = { 0, 100 };
	struct thread *other = test_start(play, &game, THREAD_ANY_CPU);
	uint32_t seen;

	for (uint32_t i = 0; i < game.rounds; i++) {
		while ((seen = __atomic_load_n(&game.turn, __ATOMIC_ACQUIRE)) %
		       2)
			wait_on(&game.turn, seen, CLOCK_NEVER);
		__atomic_store_n(&game.turn, seen + 1, __ATOMIC_RELEASE);
		wait_wake(&game.turn, 1);
	}
	thread_join(other);
	test_ok(game.turn == 2 * game.rounds, "wait: two threads take turns");
}

/* Some threads that wait for one word. */
static uint32_t gate, passed;

static void pass_gate(void *arg)
{
	(void)arg;
	wait_on(&gate, 0, CLOCK_NEVER);
	__atomic_fetch_add(&passed, 1, __ATOMIC_RELEASE);
}

static void test_gate(void)
{
	enum {
		WAITERS = 5,
		FIRST = 2
	};
	struct thread *threads[WAITERS];
	unsigned int woken = 0;
	uint64_t end;

	gate = passed = 0;
	for (int i = 0; i < WAITERS; i++)
		threads[i] = test_start(pass_gate, NULL, THREAD_ANY_CPU);
	while (woken < FIRST)
		woken += wait_wake(&gate, FIRST - woken);
	end = clock_ns() + PATIENCE_NS;
	while (__atomic_load_n(&passed, __ATOMIC_ACQUIRE) < FIRST &&
	       clock_ns() < end)
		sched_yield();
	wait_until(clock_ns() + 20 * CLOCK_MS);
	test_ok(passed == FIRST, "wait: as many are woken as asked for");
	while (woken < WAITERS)
		woken += wait_wake(&gate, WAITERS);
	for (int i = 0; i < WAITERS; i++)
		thread_join(threads[i]);
	test_ok(passed == WAITERS, "wait: then the others");
}

static void be_interrupted(void *arg)
{
	static const uint32_t word;

	*(int *)arg = wait_interruptible(&word, 0, CLOCK_NEVER);
}

static void test_wait(void)
{
	uint64_t start = clock_ns();
	struct thread *thread;
	uint32_t word = 5;
	int result = 0;

	test_ok(wait_on(&word, 4, CLOCK_NEVER) == -EAGAIN,
		"wait: not for a word that has changed");
	test_ok(wait_on(&word, 5, start + 20 * CLOCK_MS) == -ETIMEDOUT &&
			clock_ns() >= start + 20 * CLOCK_MS,
		"wait: until the deadline, not less");
	test_ok(wait_on(&word, 5, start) == -ETIMEDOUT,
		"wait: not when the deadline has passed");
	test_turns();
	test_gate();
	thread = test_start(be_interrupted, &result, THREAD_ANY_CPU);
	wait_interrupt(thread);
	thread_join(thread);
	test_ok(result == -EINTR, "wait: another thread can end it");
}

static struct {
	struct mutex lock;
	uint64_t sum;
} counter;

static void add(void *arg)
{
	(void)arg;
	for (int i = 0; i < 100; i++) {
		uint64_t sum;

		mutex_lock(&counter.lock);
		sum = *(volatile uint64_t *)&counter.sum;
		if (i % 10 == 0)
			sched_yield();
		*(volatile uint64_t *)&counter.sum = sum + 1;
		mutex_unlock(&counter.lock);
	}
}

static void test_mutex(void)
{
	enum {
		THREADS = 6
	};
	struct thread *threads[THREADS];

	counter.sum = 0;
	for (int i = 0; i < THREADS; i++)
		threads[i] = test_start(add, NULL, THREAD_ANY_CPU);
	for (int i = 0; i < THREADS; i++)
		thread_join(threads[i]);
	test_ok(counter.sum == THREADS * 100, "mutex: one at a time");
}

/* The latest time that any of them saw. */
static uint64_t latest;
static uint32_t backwards;

static void compare_clocks(void *arg)
{
	(void)arg;
	for (int i = 0; i < 300; i++) {
		uint64_t before = __atomic_load_n(&latest, __ATOMIC_ACQUIRE);
		uint64_t now = clock_ns();

		if (now < before)
			__atomic_fetch_add(&backwards, 1, __ATOMIC_RELAXED);
		__atomic_store_n(&latest, now, __ATOMIC_RELEASE);
	}
}

/* Timers, in the order in which they expired. */
enum {
	TIMERS = 3
};
static struct timer timers[TIMERS];
static struct timer *order[TIMERS];
static uint32_t expired;

static uint64_t on_expire(struct timer *timer)
{
	order[expired] = timer;
	if (clock_ns() < timer->deadline_ns)
		order[expired] = NULL;
	__atomic_fetch_add(&expired, 1, __ATOMIC_RELEASE);
	wait_wake(&expired, UINT32_MAX);
	return CLOCK_NEVER;
}

static void test_timers(void)
{
	static const uint64_t delays_ms[TIMERS] = { 60, 20, 40 };
	uint64_t flags = irq_save(), now = clock_ns();
	struct timer taken_back = { .deadline_ns = now + 30 * CLOCK_MS,
				    .expire = on_expire };
	uint32_t seen;

	expired = 0;
	for (int i = 0; i < TIMERS; i++) {
		timers[i].deadline_ns = now + delays_ms[i] * CLOCK_MS;
		timers[i].expire = on_expire;
		timer_add(&timers[i]);
	}
	timer_add(&taken_back);
	timer_cancel(&taken_back);
	irq_restore(flags);
	while ((seen = __atomic_load_n(&expired, __ATOMIC_ACQUIRE)) < TIMERS)
		wait_on(&expired, seen, CLOCK_NEVER);
	test_ok(order[0] == &timers[1] && order[1] == &timers[2] &&
			order[2] == &timers[0],
		"clock: timers expire in their order, not too early");
}

static void test_clock(void)
{
	static struct thread *threads[DIVE_CPUS_MAX];

	latest = backwards = 0;
	for (unsigned int i = 0; i < cpu_count; i++)
		threads[i] = test_start(compare_clocks, NULL, (int)i);
	for (unsigned int i = 0; i < cpu_count; i++)
		thread_join(threads[i]);
	test_ok(!backwards, "clock: it goes back on no CPU");
	test_timers();
}

const struct test test_thread[] = { { "threads", false, test_threads },
				    { "wait", false, test_wait },
				    { "mutex", false, test_mutex },
				    { "clock", false, test_clock },
				    { 0 } };
