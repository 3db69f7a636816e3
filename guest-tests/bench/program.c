// SPDX-License-Identifier: Apache-2.0
// What a program costs, to be run in Linux and on a kernel beside it: each word
// is one measurement, each measurement a line: name, least, median, unit.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#define ROUNDS 7
#define CALLS  2000
#define TURNS  2000
#define MIB    ((size_t)1 << 20)
#define TOUCH  (32 * MIB)
#define STREAM (8 * MIB / sizeof(double))
#define WALK   (64 * MIB / sizeof(uint32_t))
#define STEPS  300000

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print(const char *name, uint64_t *times, size_t count, size_t per)
{
	size_t half = count / 2;

	qsort(times, count, sizeof(*times), compare);
	printf("%s\t%.1f\t%.1f\tcycles\n", name, (double)times[0] / (double)per,
	       (double)times[half] / (double)per);
}

static void *get_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

/* A system call that no library answers by itself. */
static void bench_call(void)
{
	static uint64_t times[CALLS];

	for (size_t i = 0; i < CALLS; i++) {
		uint64_t start = __rdtsc();

		syscall(SYS_getppid);
		times[i] = __rdtsc() - start;
	}
	print("call", times, CALLS, 1);
}

static uint32_t turn;

static void *answer(void *arg)
{
	for (uint32_t i = 1; i < 2 * TURNS; i += 2) {
		while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != i)
			_mm_pause();
		__atomic_store_n(&turn, i + 1, __ATOMIC_RELEASE);
	}
	return arg;
}

/* One cache line there and back: what no message can be faster than. */
static void bench_line(void)
{
	static uint64_t times[TURNS];
	pthread_t thread;

	if (pthread_create(&thread, NULL, answer, NULL))
		exit(1);
	for (uint32_t i = 0; i < TURNS; i++) {
		uint64_t start = __rdtsc();

		__atomic_store_n(&turn, 2 * i + 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 2 * i + 2)
			_mm_pause();
		times[i] = __rdtsc() - start;
	}
	pthread_join(thread, NULL);
	print("line", times, TURNS, 1);
}

/* The first write to each page of fresh memory, mmap() included. */
static void bench_touch(void)
{
	uint64_t times[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		uint64_t start = __rdtsc();
		volatile char *memory = get_memory(TOUCH);

		for (size_t at = 0; at < TOUCH; at += 4096)
			memory[at] = 1;
		times[i] = __rdtsc() - start;
		munmap((void *)(uintptr_t)memory, TOUCH);
	}
	print("touch", times, ROUNDS, TOUCH / 4096);
}

/* STREAM's triad. */
static void bench_stream(void)
{
	double *a = get_memory(STREAM * sizeof(*a));
	double *b = get_memory(STREAM * sizeof(*b));
	double *c = get_memory(STREAM * sizeof(*c));
	uint64_t times[ROUNDS];

	for (size_t i = 0; i < STREAM; i++) {
		a[i] = 0;
		b[i] = 2;
		c[i] = 1;
	}
	for (size_t i = 0; i < ROUNDS; i++) {
		uint64_t start = __rdtsc();

		for (size_t j = 0; j < STREAM; j++)
			a[j] = b[j] + 3 * c[j];
		times[i] = __rdtsc() - start;
		if (a[STREAM - 1] != 5)
			exit(1);
	}
	print("stream", times, ROUNDS, STREAM);
}

/* A walk through memory that no table of translations can hold. */
static void bench_walk(void)
{
	uint32_t *next = get_memory(WALK * sizeof(*next));
	uint32_t seed = 1, at = 0;
	uint64_t times[ROUNDS];

	/* Sattolo: one cycle through all of it. */
	for (uint32_t i = 0; i < WALK; i++)
		next[i] = i;
	for (uint32_t i = WALK - 1; i > 0; i--) {
		uint32_t j, old = next[i];

		seed = seed * 1664525 + 1013904223;
		j = (uint32_t)((uint64_t)seed * i >> 32);
		next[i] = next[j];
		next[j] = old;
	}
	for (size_t i = 0; i < ROUNDS; i++) {
		uint64_t start = __rdtsc();

		for (uint32_t step = 0; step < STEPS; step++)
			at = next[at];
		times[i] = __rdtsc() - start;
	}
	if (at >= WALK)
		exit(1);
	print("walk", times, ROUNDS, STEPS);
}

/* Nothing to do, so that the others can be watched. */
static void bench_idle(void)
{
	puts("idle");
	fflush(stdout);
	sleep(7);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} benches[] = {
		{ "call", bench_call },   { "line", bench_line },
		{ "touch", bench_touch }, { "stream", bench_stream },
		{ "walk", bench_walk },   { "idle", bench_idle },
	};

	for (int i = 1; i < argc; i++)
		for (size_t b = 0; b < sizeof(benches) / sizeof(benches[0]);
		     b++)
			if (strcmp(argv[i], benches[b].name) == 0)
				benches[b].run();
	return 0;
}
