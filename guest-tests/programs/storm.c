// SPDX-License-Identifier: ISC
// Threads that send each other signals while they do everything else.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define THREADS 4
#define ROUNDS  150
#define SIGNAL  (SIGRTMIN + 2)

static pthread_t threads[THREADS];
static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_long sent, handled, wrong;
static _Thread_local volatile long own;
static long counter;

static void on_signal(int signal)
{
	(void)signal;
	own++;
	atomic_fetch_add(&handled, 1);
}

static void send(unsigned int to)
{
	int ret;

	do
		ret = pthread_kill(threads[to % THREADS], SIGNAL);
	while (ret == EAGAIN);
	if (ret)
		atomic_fetch_add(&wrong, 1);
	atomic_fetch_add(&sent, 1);
}

/* A byte through a pipe, whose calls signals may interrupt. */
static void use_pipe(int ends[2], char byte)
{
	char got = 0;

	while (write(ends[1], &byte, 1) != 1)
		;
	while (read(ends[0], &got, 1) != 1)
		;
	if (got != byte)
		atomic_fetch_add(&wrong, 1);
}

static void *work(void *arg)
{
	unsigned int self = (unsigned int)(long)arg;
	struct timespec little = { 0, 100000 };
	double sum = 0;
	int ends[2];
	char *page;

	if (pipe(ends))
		return (void *)1;
	pthread_barrier_wait(&barrier);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		send(self + i);
		use_pipe(ends, (char)i);
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
		page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(page, (int)i, 8192);
		munmap(page, 8192);
		for (int n = 1; n < 2000; n++)
			sum += 1.0 / n;
		if (i % 10 == 0)
			nanosleep(&little, NULL);
	}
	pthread_barrier_wait(&barrier);
	if (sum < ROUNDS * 8.17 || sum > ROUNDS * 8.18)
		atomic_fetch_add(&wrong, 1);
	return NULL;
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGNAL, &action, NULL);
	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check(!wrong, "nothing went wrong");
	check(counter == (long)THREADS * ROUNDS, "a mutex");
	check(sent == (long)THREADS * ROUNDS && handled == sent,
	      "every signal was handled");
	return 0;
}
