// SPDX-License-Identifier: ISC
// Clocks: told here or in Linux, none goes back.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define READINGS 100000
#define MS       1000000

static int64_t read_clock(clockid_t id)
{
	struct timespec time;

	if (clock_gettime(id, &time))
		return -1;
	return time.tv_sec * 1000 * (int64_t)MS + time.tv_nsec;
}

/* How often @b, read behind @a, was before it, and the other way round. */
static long count_backward(clockid_t a, clockid_t b, int readings)
{
	int64_t before = read_clock(a), now;
	long backward = 0;

	for (int i = 1; i < readings; i++) {
		now = read_clock(i % 2 ? b : a);
		backward += now < before;
		before = now;
	}
	return backward;
}

static void *read_all(void *arg)
{
	static const clockid_t ids[] = {
		CLOCK_REALTIME,           CLOCK_MONOTONIC,
		CLOCK_MONOTONIC_RAW,      CLOCK_BOOTTIME,
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID
	};
	long backward = 0;

	(void)arg;
	for (int i = 0; i < 6; i++)
		backward += count_backward(ids[i], ids[i], READINGS / 20);
	return (void *)backward;
}

static void test_backward(int readings)
{
	pthread_t thread;
	void *result;
	long backward;

	check(!count_backward(CLOCK_MONOTONIC, CLOCK_MONOTONIC, readings),
	      "the time");
	/* Only Linux knows TAI, which is the time of day in another zone. */
	check(!count_backward(CLOCK_REALTIME, CLOCK_TAI, readings),
	      "told here and in Linux by turns");
	pthread_create(&thread, NULL, read_all, NULL);
	backward = (long)read_all(NULL);
	pthread_join(thread, &result);
	check(!backward && !result, "every clock, in two threads");
}

static int64_t of_timeval(const struct timeval *time)
{
	return (time->tv_sec * 1000000 + time->tv_usec) * 1000;
}

static void test_same(void)
{
	int64_t ns = read_clock(CLOCK_REALTIME), day;
	struct timespec resolution;
	struct timeval tv;

	gettimeofday(&tv, NULL);
	day = of_timeval(&tv);
	check(day >= ns - 1000 && day - ns < 1000 * (int64_t)MS,
	      "gettimeofday");
	check(time(NULL) - tv.tv_sec <= 1, "time");
	check(!clock_getres(CLOCK_MONOTONIC, &resolution) &&
		      resolution.tv_nsec == 1,
	      "a resolution");
	check(clock_gettime(77, &resolution) == -1, "no such clock");
}

/* Computes for some time on a clock of CPU time. */
static void burn(int64_t ns)
{
	int64_t end = read_clock(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (read_clock(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

static void *burn_beside(void *arg)
{
	burn(50 * MS);
	return arg;
}

static void test_cpu(void)
{
	int64_t process = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	int64_t thread = read_clock(CLOCK_THREAD_CPUTIME_ID), now;
	struct rusage usage;
	pthread_t other;
	struct tms tms;
	clockid_t id;

	usleep(300000);
	now = read_clock(CLOCK_THREAD_CPUTIME_ID);
	check(now - thread < 300 * MS, "who sleeps uses no CPU time");
	pthread_create(&other, NULL, burn_beside, NULL);
	pthread_join(other, NULL);
	burn(50 * MS);
	thread = read_clock(CLOCK_THREAD_CPUTIME_ID) - thread;
	process = read_clock(CLOCK_PROCESS_CPUTIME_ID) - process;
	check(thread >= 50 * MS && process - thread >= 50 * MS,
	      "of a thread, without the other one");
	check(process >= 100 * MS, "of two threads");
	getrusage(RUSAGE_SELF, &usage);
	check(of_timeval(&usage.ru_utime) + of_timeval(&usage.ru_stime) >=
		      100 * MS,
	      "getrusage");
	check(times(&tms) != -1 && tms.tms_utime + tms.tms_stime >= 10,
	      "times");
	check(!pthread_getcpuclockid(pthread_self(), &id) &&
		      read_clock(id) >= thread,
	      "a clock by the number of its thread");
	check(!clock_getcpuclockid(getpid(), &id) && read_clock(id) >= process,
	      "a clock by the number of its process");
}

static void test_sleep(void)
{
	struct timespec until, time = { 0, 20 * MS };
	int64_t start = read_clock(CLOCK_MONOTONIC);

	nanosleep(&time, NULL);
	check(read_clock(CLOCK_MONOTONIC) - start >= 20 * MS, "20 ms");
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
	check(read_clock(CLOCK_REALTIME) >=
		      until.tv_sec * 1000 * (int64_t)MS + until.tv_nsec,
	      "until a time of day");
	check(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == 0,
	      "until a time that has been");
}

int main(int argc, char **argv)
{
	test_backward(argc > 1 ? atoi(argv[1]) : READINGS);
	test_same();
	test_cpu();
	test_sleep();
	return 0;
}
