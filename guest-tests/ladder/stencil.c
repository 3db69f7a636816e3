// SPDX-License-Identifier: Apache-2.0
// Heat on a square, relaxed by all CPUs: the sum is the same for any number.
#include <omp.h>
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
	fprintf(stderr, "%d threads\n", omp_get_max_threads());
	return 0;
}
