// SPDX-License-Identifier: Apache-2.0
// A program for MPI that nobody has started as one of several: pi, in parts.
#include <mpi.h>
#include <stdio.h>

#define STEPS 200000

int main(int argc, char **argv)
{
	double mine = 0, sum = 0;
	int rank, size, token = 7, got = 0;
	MPI_Request request;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	for (int i = rank; i < STEPS; i += size) {
		double x = (i + 0.5) / STEPS;

		mine += 4 / (1 + x * x) / STEPS;
	}
	MPI_Allreduce(&mine, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
	MPI_Isend(&token, 1, MPI_INT, (rank + 1) % size, 0, MPI_COMM_WORLD,
		  &request);
	MPI_Recv(&got, 1, MPI_INT, (rank + size - 1) % size, 0, MPI_COMM_WORLD,
		 MPI_STATUS_IGNORE);
	MPI_Wait(&request, MPI_STATUS_IGNORE);
	printf("%d of %d: pi is %.9f, got %d\n", rank, size, sum, got);
	return MPI_Finalize();
}
