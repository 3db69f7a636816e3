// SPDX-License-Identifier: ISC
// OpenMP: heat in a plate, by as many threads as there are CPUs.
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#define SIDE   256
#define ROUNDS 60

static double plate[2][SIDE][SIDE];

int main(void)
{
	double sum = 0;
	int threads = 0;

	for (int i = 0; i < SIDE; i++)
		plate[0][0][i] = plate[1][0][i] = 100;
	for (int round = 0; round < ROUNDS; round++) {
		double(*from)[SIDE] = plate[round % 2];
		double(*to)[SIDE] = plate[(round + 1) % 2];

#pragma omp parallel for schedule(dynamic, 8)
		for (int y = 1; y < SIDE - 1; y++)
			for (int x = 1; x < SIDE - 1; x++)
				to[y][x] = (from[y - 1][x] + from[y + 1][x] +
					    from[y][x - 1] + from[y][x + 1]) /
					   4;
	}
#pragma omp parallel reduction(+ : threads)
	threads++;
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++)
			sum += plate[ROUNDS % 2][y][x];
	printf("sum %.6f\n", sum);
	printf("more than one thread: %s\n", threads > 1 ? "yes" : "no");
	return omp_get_max_threads() == threads ? 0 : 1;
}
