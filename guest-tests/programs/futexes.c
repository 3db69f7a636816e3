// SPDX-License-Identifier: ISC
// Every operation of futex(2) that Minnow has, one by one.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static _Atomic uint32_t word, other;
static atomic_int woken;

static long futex(_Atomic uint32_t *at, int op, uint32_t value, void *four,
		  _Atomic uint32_t *second, uint32_t three)
{
	long ret = syscall(SYS_futex, at, op, value, four, second, three);

	return ret < 0 ? -errno : ret;
}

static void *wait_any(void *arg)
{
	long ret;

	(void)arg;
	do
		ret = futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	while (ret == -EAGAIN && !word);
	atomic_fetch_add(&woken, 1);
	return (void *)ret;
}

static void *wait_bits(void *arg)
{
	long ret = futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL,
			 (uint32_t)(uintptr_t)arg);

	atomic_fetch_add(&woken, (int)(uintptr_t)arg);
	return (void *)ret;
}

/* Wakes until somebody was: it may not wait yet. */
static long wake(_Atomic uint32_t *at, int op, uint32_t count, uint32_t bits)
{
	long ret = 0;

	for (int i = 0; i < 500 && !ret; i++) {
		ret = futex(at, op, count, NULL, NULL, bits);
		if (!ret)
			usleep(2000);
	}
	return ret;
}

static void test_errors(void)
{
	struct timespec bad = { 0, 2000000000 }, none = { 0, 0 };
	void *page =
		mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(futex(&word, FUTEX_WAIT, 5, NULL, NULL, 0) == -EAGAIN,
	      "another value");
	check(futex(&word, FUTEX_WAIT, 0, &none, NULL, 0) == -ETIMEDOUT,
	      "no time");
	check(futex(&word, FUTEX_WAIT, 0, &bad, NULL, 0) == -EINVAL,
	      "a bad time");
	check(futex(&word, FUTEX_WAIT, 0, page, NULL, 0) == -EFAULT,
	      "a time that cannot be read");
	check(futex(page, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0) == -EFAULT,
	      "a word that cannot be read");
	check(futex((_Atomic uint32_t *)((uintptr_t)&word + 1),
		    FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0) == -EINVAL,
	      "a word that is not aligned");
	check(futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0) == -EINVAL,
	      "no bits");
	check(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0) == 0, "nobody waits");
}

static void test_timeouts(void)
{
	struct timespec start, end, wait = { 0, 30000000 };
	static const int clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME };
	long ns;

	clock_gettime(CLOCK_MONOTONIC, &start);
	check(futex(&word, FUTEX_WAIT, 0, &wait, NULL, 0) == -ETIMEDOUT,
	      "30 ms");
	clock_gettime(CLOCK_MONOTONIC, &end);
	ns = (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec -
	     start.tv_nsec;
	check(ns >= 30000000, "... not less");
	for (int i = 0; i < 2; i++) {
		clock_gettime(clocks[i], &end);
		end.tv_nsec += 30000000;
		end.tv_sec += end.tv_nsec / 1000000000;
		end.tv_nsec %= 1000000000;
		check(futex(&word,
			    FUTEX_WAIT_BITSET | (i ? FUTEX_CLOCK_REALTIME : 0),
			    0, &end, NULL,
			    FUTEX_BITSET_MATCH_ANY) == -ETIMEDOUT,
		      i ? "until a time of day" : "until a time");
		clock_gettime(clocks[i], &start);
		check(start.tv_sec > end.tv_sec ||
			      (start.tv_sec == end.tv_sec &&
			       start.tv_nsec >= end.tv_nsec),
		      "... not before");
	}
}

static void test_wake(void)
{
	pthread_t threads[3];
	void *result;

	pthread_create(&threads[0], NULL, wait_any, NULL);
	check(wake(&word, FUTEX_WAKE_PRIVATE, 1, 0) == 1, "one is woken");
	pthread_join(threads[0], &result);
	check(!result && woken == 1, "... and says so");

	woken = 0;
	pthread_create(&threads[0], NULL, wait_bits, (void *)1);
	pthread_create(&threads[1], NULL, wait_bits, (void *)2);
	check(wake(&word, FUTEX_WAKE_BITSET_PRIVATE, 5, 2) == 1 &&
		      !pthread_join(threads[1], &result) && woken == 2,
	      "one of two with other bits");
	check(wake(&word, FUTEX_WAKE_PRIVATE, 5, 0) == 1 &&
		      !pthread_join(threads[0], &result) && woken == 3,
	      "... and the other one");
}

static void test_requeue(void)
{
	pthread_t threads[3];
	long moved = 0, all = 0;

	woken = 0;
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, wait_any, NULL);
	check(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)9, &other,
		    77) == -EAGAIN,
	      "not moved, for another value");
	for (int i = 0; i < 500 && moved < 3; i++) {
		moved += futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)9,
			       &other, 0);
		usleep(2000);
	}
	check(moved == 3 && !woken, "three wait for another word");
	check(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0) == 0,
	      "... not for the first");
	for (int i = 0; i < 500 && all < 3; i++)
		all += futex(&other, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	check(all == 3 && woken == 3, "... and are woken there");
}

static void test_operation(void)
{
	pthread_t thread;
	long ret = 0;

	other = 5;
	woken = 0;
	pthread_create(&thread, NULL, wait_any, NULL);
	for (int i = 0; i < 500 && !ret; i++) {
		other = 5;
		ret = futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
			    (uint32_t)FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ,
					       5));
		usleep(2000);
	}
	pthread_join(thread, NULL);
	check(ret == 1 && other == 8, "add, compare, wake");
	futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
	      (uint32_t)FUTEX_OP((FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT), 4,
				 FUTEX_OP_CMP_LT, -5));
	check(other == 16, "set a bit");
	check(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
		    6u << 28) == -ENOSYS,
	      "no such operation");
}

/* Maps a page with and without rights, in turn, until it is told to end. */
static void *come_and_go(void *page)
{
	for (int i = 0; !woken; i++)
		mmap(page, 4096, i % 2 ? PROT_READ | PROT_WRITE : PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return NULL;
}

static void test_vanishing(void)
{
	struct timespec none = { 0, 0 };
	void *page =
		mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int strange = 0;
	pthread_t thread;

	woken = 0;
	pthread_create(&thread, NULL, come_and_go, page);
	for (int i = 0; i < 20000; i++) {
		long ret = futex(page, FUTEX_WAIT_PRIVATE, 0, &none, NULL, 0);

		strange += ret != -ETIMEDOUT && ret != -EFAULT;
		ret = futex(page, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, page,
			    (uint32_t)FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ,
					       0));
		strange += ret != 0 && ret != -EFAULT;
	}
	woken = 1;
	pthread_join(thread, NULL);
	check(!strange, "a word that comes and goes");
}

int main(void)
{
	test_errors();
	test_timeouts();
	test_wake();
	test_requeue();
	test_operation();
	test_vanishing();
	return 0;
}
