// SPDX-License-Identifier: ISC
// Threads as glibc makes them: they count, wait for each other, and end.
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define THREADS 8
#define ROUNDS  2000
#define MANY    200

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static _Thread_local long own = 7;
static long counter, turn;
static atomic_long sum;
static int pipe_ends[2];

static void *count(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
		own++;
	}
	atomic_fetch_add(&sum, own);
	return arg;
}

static void test_count(void)
{
	pthread_t threads[THREADS];
	bool are_equal = true;
	void *result;

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count, (void *)(i + 100));
	for (uintptr_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		are_equal = are_equal && result == (void *)(i + 100);
	}
	check(counter == (long)THREADS * ROUNDS, "a mutex");
	check(sum == (long)THREADS * (ROUNDS + 7) && own == 7,
	      "variables of a thread");
	check(are_equal, "what threads return");
}

static void *play(void *arg)
{
	long mine = (long)arg;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < ROUNDS; i++) {
		while (turn % 2 != mine)
			pthread_cond_wait(&changed, &lock);
		turn++;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void test_ping_pong(void)
{
	pthread_t other;

	pthread_create(&other, NULL, play, (void *)1);
	play(NULL);
	pthread_join(other, NULL);
	check(turn == 2L * ROUNDS, "two threads by turns");
}

static void *meet(void *arg)
{
	for (int i = 0; i < 50; i++) {
		atomic_fetch_add((atomic_long *)arg, 1);
		pthread_barrier_wait(&barrier);
		if (atomic_load((atomic_long *)arg) < (i + 1) * THREADS)
			return (void *)1;
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void test_barrier(void)
{
	pthread_t threads[THREADS];
	bool is_good = true;
	atomic_long met = 0;
	void *result;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, meet, &met);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		is_good = is_good && !result;
	}
	check(is_good && met == 50L * THREADS, "a barrier");
}

static void *nothing(void *arg)
{
	return arg;
}

static void test_many(void)
{
	pthread_t thread;
	int made = 0;

	for (int i = 0; i < MANY; i++) {
		if (pthread_create(&thread, NULL, nothing, NULL))
			break;
		pthread_join(thread, NULL);
		made++;
	}
	check(made == MANY, "200 threads, one after the other");
}

static void *read_one(void *arg)
{
	char byte = 0;

	return (void *)(read(pipe_ends[0], &byte, 1) == 1 ? (long)byte
							  : (long)arg);
}

static void test_blocked(void)
{
	pthread_t thread;
	void *result;

	if (pipe(pipe_ends))
		return;
	pthread_create(&thread, NULL, read_one, NULL);
	usleep(20000);
	check(write(pipe_ends[1], "x", 1) == 1, "while one blocks in Linux");
	pthread_join(thread, &result);
	check(result == (void *)'x', "... another one wakes it");
}

static void *get_round(void *arg)
{
	(void)arg;
	return (void *)(long)fegetround();
}

static void test_inherited(void)
{
	pthread_t thread;
	void *result;

	fesetround(FE_UPWARD);
	pthread_create(&thread, NULL, get_round, NULL);
	pthread_join(thread, &result);
	fesetround(FE_TONEAREST);
	check((long)result == FE_UPWARD, "a thread rounds as its parent did");
}

static void *time_out(void *arg)
{
	struct timespec until;
	sem_t never;
	int ret;

	(void)arg;
	sem_init(&never, 0, 0);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 20000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	ret = sem_timedwait(&never, &until);
	return (void *)(long)(ret && errno == ETIMEDOUT);
}

static void test_robust(void)
{
	pthread_mutexattr_t attr;
	static pthread_mutex_t robust;
	pthread_t thread;
	void *result;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	pthread_create(&thread, NULL,
		       (void *(*)(void *))(void (*)(void))pthread_mutex_lock,
		       &robust);
	pthread_join(thread, NULL);
	check(pthread_mutex_lock(&robust) == EOWNERDEAD,
	      "a lock whose owner has ended");
	pthread_create(&thread, NULL, time_out, NULL);
	pthread_join(thread, &result);
	check(result, "a semaphore that nobody posts");
}

_Noreturn static void *spin(void *arg)
{
	for (;;)
		atomic_fetch_add((atomic_long *)arg, 1);
}

static void *wait_for_ever(void *arg)
{
	pthread_mutex_lock(arg);
	pthread_mutex_lock(arg);
	return NULL;
}

int main(void)
{
	static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread;

	check(syscall(SYS_gettid) == getpid(), "the first thread");
	test_count();
	test_ping_pong();
	test_barrier();
	test_many();
	test_blocked();
	test_inherited();
	test_robust();

	/* The program ends while they do what they do. */
	pthread_create(&thread, NULL, spin, &sum);
	pthread_create(&thread, NULL, read_one, NULL);
	pthread_create(&thread, NULL, wait_for_ever, &held);
	usleep(20000);
	check(true, "the end, with three other threads");
	_exit(23);
}
