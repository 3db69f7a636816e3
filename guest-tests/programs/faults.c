// SPDX-License-Identifier: ISC
// Exceptions of the CPU as signals, with handlers that mend the cause.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"

#define PAGE  4096
#define PAGES 300

static sigjmp_buf back;
static siginfo_t seen;
static greg_t trap, error, address;
static char stack[65536];
static char *heap;
static unsigned char dirty[PAGES];
static volatile sig_atomic_t caught;

/* A write barrier: note which page is written to, and let it happen. */
static void on_write(int signal, siginfo_t *info, void *context)
{
	uintptr_t page = ((uintptr_t)info->si_addr - (uintptr_t)heap) / PAGE;
	char here;

	(void)context;
	if (page >= PAGES || &here < stack || &here >= stack + sizeof(stack) ||
	    signal != SIGSEGV)
		_exit(99);
	dirty[page]++;
	caught++;
	mprotect(heap + page * PAGE, PAGE, PROT_READ | PROT_WRITE);
}

static void test_barrier(void)
{
	struct sigaction action = { .sa_sigaction = on_write,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	bool is_good = true;
	long sum = 0;

	heap = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(heap, 1, PAGES * PAGE);
	sigaltstack(&other, NULL);
	sigaction(SIGSEGV, &action, NULL);
	for (int round = 0; round < 3; round++) {
		mprotect(heap, PAGES * PAGE, PROT_READ);
		for (int i = 0; i < PAGES; i++)
			sum += heap[i * PAGE + i + 1];
		for (int i = 0; i < PAGES; i += round + 1)
			heap[i * PAGE + 8 * i] = (char)round;
	}
	for (int i = 0; i < PAGES; i++)
		is_good =
			is_good && dirty[i] == 1 + (i % 2 == 0) + (i % 3 == 0);
	check(is_good && caught == 300 + 150 + 100, "a write barrier");
	check(sum == 3L * PAGES, "... what was there");
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	seen = *info;
	trap = uc->uc_mcontext.gregs[REG_TRAPNO];
	error = uc->uc_mcontext.gregs[REG_ERR];
	address = uc->uc_mcontext.gregs[REG_CR2];
	siglongjmp(back, signal);
}

static void show(const char *what, int signal)
{
	printf("%s: signal %d code %d trap %d error %d\n", what, signal,
	       seen.si_code, (int)trap, (int)error);
	fflush(stdout);
}

static void test_pages(void)
{
	char *page =
		mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int signal = sigsetjmp(back, 1);

	if (!signal)
		*(volatile char *)(uintptr_t)16 = 1;
	show("write to 16", signal);
	check(seen.si_addr == (void *)16 && address == 16, "... its address");
	signal = sigsetjmp(back, 1);
	if (!signal)
		page[5] = *(volatile char *)page;
	show("write to a page to read", signal);
	check(seen.si_addr == page + 5, "... its address");
	signal = sigsetjmp(back, 1);
	if (!signal)
		((void (*)(void))(uintptr_t)page)();
	show("a call of data", signal);
	check(seen.si_addr == page, "... its address");
	munmap(page, PAGE);
	signal = sigsetjmp(back, 1);
	if (!signal)
		show("not there", *(volatile char *)page);
	show("read what is not there", signal);
	signal = sigsetjmp(back, 1);
	if (!signal)
		show("no address",
		     *(volatile char *)(uintptr_t)0x8000000000000000);
	show("read where no address is", signal);
	signal = sigsetjmp(back, 1);
	if (!signal)
		((void (*)(void))(uintptr_t)0)();
	show("a call of nothing", signal);
}

static void test_others(void)
{
	volatile double zero = 0;
	uint32_t mxcsr = 0x1f80 & ~0x200u;
	uint16_t control = 0x37f & ~4u;
	int signal = sigsetjmp(back, 1);

	if (!signal)
		__asm__ volatile("divl %0" ::"r"(0), "a"(1), "d"(0) : "cc");
	show("division by 0", signal);
	signal = sigsetjmp(back, 1);
	if (!signal)
		__asm__ volatile("ud2");
	show("no instruction", signal);
	signal = sigsetjmp(back, 1);
	if (!signal)
		__asm__ volatile("int3");
	show("a breakpoint", signal);
	signal = sigsetjmp(back, 1);
	if (!signal) {
		__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
		zero = 1 / zero;
	}
	mxcsr = 0x1f80;
	__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
	show("1.0 / 0.0", signal);
	signal = sigsetjmp(back, 1);
	if (!signal)
		__asm__ volatile(
			"fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(control)
			: "st");
	__asm__ volatile("fninit");
	show("1 / 0 in the old unit", signal);
}

static int deep(int n)
{
	volatile char room[1000];

	room[n % 1000] = (char)n;
	return n < 0 ? room[0] : deep(n + 1) + room[n % 1000];
}

int main(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE,
				       SIGTRAP };
	struct sigaction action = { .sa_sigaction = on_fault,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK };
	int signal;

	test_barrier();
	for (int i = 0; i < 5; i++)
		sigaction(signals[i], &action, NULL);
	test_pages();
	test_others();
	signal = sigsetjmp(back, 1);
	if (!signal)
		deep(0);
	show("a stack that overflows", signal);
	return 0;
}
