// SPDX-License-Identifier: ISC
// Threads that map, touch, change and unmap memory at the same time.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define THREADS 4
#define ROUNDS  20
#define PAGE    4096ul

struct worker {
	pthread_t thread;
	unsigned int seed;
	unsigned long sum;
	unsigned int wrong;
};

static char shared[THREADS][64 * PAGE];

static unsigned int next(struct worker *w)
{
	w->seed = w->seed * 1103515245 + 12345;
	return w->seed >> 8;
}

static void round_of(struct worker *w, char *own)
{
	size_t size = (1 + next(w) % 700) * PAGE, i;
	char *a = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (a == MAP_FAILED) {
		w->wrong++;
		return;
	}
	for (i = 0; i < size; i += PAGE) {
		w->wrong += a[i] != 0;
		a[i] = (char)(i / PAGE);
	}
	if (mprotect(a, size / 2 / PAGE * PAGE + PAGE, PROT_READ))
		w->wrong++;
	for (i = 0; i < size; i += PAGE)
		w->wrong += a[i] != (char)(i / PAGE);
	w->sum += size / PAGE;
	memset(own, (int)next(w), 64 * PAGE);
	if (munmap(a, size))
		w->wrong++;
	free(malloc(100 + next(w) % 300000));
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < ROUNDS; i++)
		round_of(w, shared[w->seed % THREADS]);
	return NULL;
}

int main(void)
{
	struct worker workers[THREADS] = { 0 };

	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i].seed = i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 1;
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		printf("thread %d: %lu pages, %u wrong\n", i, workers[i].sum,
		       workers[i].wrong);
	}
	return 0;
}
