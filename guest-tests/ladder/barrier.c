// SPDX-License-Identifier: Apache-2.0
// The write barrier of a garbage collector: a SIGSEGV tells of the first write
// to each page, and its handler lets it happen.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE   4096
#define PAGES  64
#define ROUNDS 3

static char *heap;
static volatile int faults;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	char *at = info->si_addr;

	(void)context;
	if (signal != SIGSEGV || info->si_code != SEGV_ACCERR || at < heap ||
	    at >= heap + PAGES * PAGE)
		_exit(3);
	faults++;
	mprotect(heap + (at - heap) / PAGE * PAGE, PAGE,
		 PROT_READ | PROT_WRITE);
}

int main(void)
{
	static char stack[65536];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_sigaction = on_fault,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK };
	unsigned int sum = 0;

	sigaltstack(&other, NULL);
	sigaction(SIGSEGV, &action, NULL);
	heap = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (heap == MAP_FAILED)
		return 1;
	memset(heap, 1, PAGES * PAGE);
	for (int round = 0; round < ROUNDS; round++) {
		mprotect(heap, PAGES * PAGE, PROT_READ);
		for (int i = 0; i < 10000; i++)
			heap[i * 7919L % (PAGES * PAGE) / 3 * 2] += (char)i;
	}
	for (int i = 0; i < PAGES * PAGE; i++)
		sum = sum * 31 + (unsigned char)heap[i];
	printf("faults %d sum %u\n", faults, sum);
	return 0;
}
