// SPDX-License-Identifier: Apache-2.0
// Heat on a square, relaxed by all CPUs: the sum is the same for any number. Then
// it says on how many CPUs its threads were seen at a time.
#define _GNU_SOURCE
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE 256

static double now[SIZE][SIZE], next[SIZE][SIZE];

static void relax(void)
{
#pragma omp parallel for
	for (int i = 1; i < SIZE - 1; i++) {
		for (int j = 1; j < SIZE - 1; j++) {
			double above = now[i - 1][j], below = now[i + 1][j];

			next[i][j] = (above + below + now[i][j - 1] +
				      now[i][j + 1]) /
				     4;
		}
	}
#pragma omp parallel for
	for (int i = 1; i < SIZE - 1; i++)
		for (int j = 1; j < SIZE - 1; j++)
			now[i][j] = next[i][j];
}

/* A kernel may take its time to move a thread, so this looks often. */
static int cpus_used(void)
{
	unsigned long used = 0;
	double until = omp_get_wtime() + 20;

	do {
		relax();
		used = 0;
#pragma omp parallel reduction(| : used)
		used |= 1ul << sched_getcpu();
	} while (__builtin_popcountl(used) < omp_get_max_threads() &&
		 omp_get_wtime() < until);
	return __builtin_popcountl(used);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 100;
	double sum = 0;

	for (int i = 0; i < SIZE; i++)
		now[0][i] = next[0][i] = 100;
	for (int i = 0; i < rounds; i++)
		relax();
	for (int i = 0; i < SIZE; i++)
		for (int j = 0; j < SIZE; j++)
			sum += now[i][j];
	printf("%.6f\n", sum);
	printf("%d threads, %d CPUs\n", omp_get_max_threads(), cpus_used());
	return 0;
}
