// SPDX-License-Identifier: ISC
// What Linux says to wrong arguments of calls that are about memory, threads,
// signals and clocks: a kernel that serves them itself has to say the same.
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul

/* What pthread_create() asks for. */
#define THREAD \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

/* Two pages to read and write, one to read, then nothing for 61. */
static char *memory;
static char *hole;

/* Raw: the C library would look at the arguments first. */
#define TRY(name, ...)                                             \
	do {                                                       \
		long got;                                          \
		errno = 0;                                         \
		got = syscall(SYS_##name, __VA_ARGS__);            \
		printf("%s(%s) = %ld %s\n", #name, #__VA_ARGS__,   \
		       got < 0 ? got : 0, strerrorname_np(errno)); \
	} while (0)

static void mapping(void)
{
	const long rw = PROT_READ | PROT_WRITE,
		   own = MAP_PRIVATE | MAP_ANONYMOUS;

	TRY(mmap, 0, 0, rw, own, -1, 0);
	TRY(mmap, 0, PAGE, rw, MAP_ANONYMOUS, -1, 0);
	TRY(mmap, 0, PAGE, rw, MAP_PRIVATE, -1, 0);
	TRY(mmap, 0, PAGE, rw, MAP_PRIVATE, 0, 1);
	TRY(mmap, hole + 1, PAGE, rw, own | MAP_FIXED, -1, 0);
	TRY(mmap, 0, -1L, rw, own, -1, 0);
	TRY(mmap, 0, -PAGE, rw, own, -1, 0);
	TRY(mmap, -PAGE, PAGE, rw, own | MAP_FIXED, -1, 0);
	TRY(mmap, memory, PAGE, rw, own | MAP_FIXED_NOREPLACE, -1, 0);
	TRY(munmap, hole, 0);
	TRY(munmap, hole + 1, PAGE);
	TRY(munmap, hole, -1L);
	TRY(munmap, hole, -PAGE);
	TRY(munmap, hole, 2 * PAGE);
	TRY(munmap, 1L << 63, PAGE);
	TRY(mprotect, hole, PAGE, PROT_READ);
	TRY(mprotect, memory + 1, PAGE, PROT_READ);
	TRY(mprotect, memory, -1L, PROT_READ);
	TRY(mprotect, memory, -PAGE, PROT_READ);
	TRY(mprotect, memory, 0, PROT_READ);
	TRY(mprotect, memory, PAGE, 0x100);
	TRY(mprotect, memory + 2 * PAGE, 2 * PAGE, PROT_READ);
	TRY(mremap, hole, PAGE, PAGE, 0);
	TRY(mremap, hole, 2 * PAGE, PAGE, 0);
	TRY(mremap, hole, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	TRY(mremap, memory, PAGE, 0, 0);
	TRY(mremap, memory + 1, PAGE, PAGE, 0);
	TRY(mremap, memory, PAGE, PAGE, 8);
	TRY(mremap, memory, PAGE, PAGE, MREMAP_FIXED, hole);
	TRY(mremap, memory, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
	    memory + PAGE);
	TRY(mremap, memory, PAGE, -PAGE, MREMAP_MAYMOVE);
	TRY(mremap, memory, -PAGE, PAGE, 0);
	TRY(mremap, -PAGE, 2 * PAGE, PAGE, 0);
	TRY(madvise, hole, PAGE, MADV_DONTNEED);
	TRY(madvise, hole, PAGE, MADV_NORMAL);
	TRY(madvise, memory + 1, PAGE, MADV_NORMAL);
	TRY(madvise, memory, PAGE, 12345);
	TRY(madvise, memory, -1L, MADV_DONTNEED);
	TRY(madvise, hole, PAGE, MADV_POPULATE_WRITE);
	TRY(mincore, memory + 1, PAGE, memory);
	TRY(mincore, hole, PAGE, memory);
	TRY(mincore, memory, PAGE, hole);
	TRY(mincore, memory, -1L, memory);
}

static void threads(void)
{
	static char stack[16384];
	struct clone_args args = { .flags = THREAD };

	TRY(clone, THREAD | CLONE_SETTLS, stack + sizeof(stack), 0, 0,
	    1ul << 63);
	TRY(clone, THREAD | CLONE_SETTLS, stack + sizeof(stack), 0, 0, -1L);
	TRY(clone3, &args, 8);
	TRY(clone3, hole, sizeof(args));
	TRY(clone3, &args, PAGE + 1);
	args.stack_size = sizeof(stack);
	TRY(clone3, &args, sizeof(args));
	TRY(arch_prctl, ARCH_SET_FS, -1L);
	TRY(arch_prctl, ARCH_GET_FS, hole);
	TRY(arch_prctl, 12345, 0);
	TRY(set_robust_list, hole, 1);
	TRY(get_robust_list, 0, hole, hole);
	TRY(get_robust_list, 1 << 30, memory, memory + 8);
	TRY(futex, memory + 1, FUTEX_WAIT, 0, 0);
	TRY(futex, hole, FUTEX_WAIT, 0, 0);
	TRY(futex, memory, FUTEX_WAIT, 1, 0);
	TRY(futex, memory, FUTEX_WAIT, 0, hole);
	TRY(futex, memory, FUTEX_WAIT_BITSET, 0, 0, 0, 0);
	TRY(futex, memory, 99, 0, 0);
	TRY(sched_getaffinity, 0, 1, memory);
	TRY(sched_getaffinity, 0, 128, hole);
	TRY(sched_setaffinity, 0, 128, hole);
	TRY(sched_setaffinity, 0, 0, memory);
	TRY(getcpu, hole, 0);
	TRY(getcpu, 0, 0);
	TRY(get_mempolicy, hole, 0, 0, 0, 0);
	TRY(get_mempolicy, memory, memory, 1 << 20, 0, 0);
	TRY(get_mempolicy, 0, hole, 1024, 0, 0);
}

static void on_signal(int signal)
{
	(void)signal;
}

static void signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	stack_t small = { .ss_sp = memory, .ss_size = 100 },
		wrong = { .ss_sp = memory, .ss_size = 8192, .ss_flags = 77 };
	siginfo_t info = { .si_code = SI_USER };
	struct timespec bad = { .tv_nsec = 1000000000 }, none = { 0 };

	TRY(rt_sigaction, 0, 0, 0, 8);
	TRY(rt_sigaction, 65, 0, 0, 8);
	TRY(rt_sigaction, SIGKILL, &action, 0, 8);
	TRY(rt_sigaction, SIGKILL, 0, memory, 8);
	TRY(rt_sigaction, SIGUSR1, hole, 0, 8);
	TRY(rt_sigaction, SIGUSR1, 0, hole, 8);
	TRY(rt_sigaction, SIGUSR1, 0, memory, 4);
	TRY(rt_sigprocmask, SIG_SETMASK, hole, 0, 8);
	TRY(rt_sigprocmask, SIG_SETMASK, 0, hole, 8);
	TRY(rt_sigprocmask, 77, memory + 256, 0, 8);
	TRY(rt_sigprocmask, SIG_BLOCK, memory + 256, 0, 7);
	TRY(rt_sigpending, hole, 8);
	TRY(rt_sigpending, memory, 9);
	TRY(rt_sigsuspend, hole, 8);
	TRY(rt_sigsuspend, memory, 9);
	TRY(rt_sigtimedwait, hole, 0, &none, 8);
	TRY(rt_sigtimedwait, memory + 256, 0, hole, 8);
	TRY(rt_sigtimedwait, memory + 256, 0, &bad, 8);
	TRY(rt_sigtimedwait, memory + 256, 0, &none, 8);
	TRY(sigaltstack, &small, 0);
	TRY(sigaltstack, &wrong, 0);
	TRY(sigaltstack, hole, 0);
	TRY(sigaltstack, 0, hole);
	TRY(kill, getpid(), 0);
	TRY(kill, getpid(), 65);
	TRY(kill, getpid(), -1);
	TRY(kill, 1 << 30, 0);
	TRY(tkill, -1, 0);
	TRY(tkill, 1 << 30, 0);
	TRY(tkill, getpid(), 65);
	TRY(tgkill, getpid(), getpid(), 0);
	TRY(tgkill, getpid(), getpid(), 65);
	TRY(tgkill, -1, getpid(), 0);
	TRY(tgkill, getpid(), 1 << 30, SIGUSR1);
	TRY(rt_sigqueueinfo, getpid(), 65, &info);
	TRY(rt_sigqueueinfo, getpid(), SIGURG, hole);
	TRY(rt_sigqueueinfo, getpid(), SIGURG, &info);
}

static void clocks(void)
{
	struct timespec bad = { .tv_nsec = 1000000000 },
			past = { .tv_sec = -1 }, none = { 0 };

	TRY(clock_gettime, CLOCK_MONOTONIC, hole);
	TRY(clock_gettime, 99, memory);
	TRY(clock_gettime, -1L, memory);
	TRY(clock_getres, CLOCK_MONOTONIC, hole);
	TRY(clock_getres, 99, 0);
	TRY(clock_nanosleep, 99, 0, &none, 0);
	TRY(clock_nanosleep, CLOCK_MONOTONIC, 0, &bad, 0);
	TRY(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &past, 0);
	TRY(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &none, 0);
	TRY(clock_nanosleep, CLOCK_MONOTONIC, 0, hole, 0);
	TRY(clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &none, 0);
	TRY(nanosleep, &bad, 0);
	TRY(nanosleep, hole, 0);
	TRY(nanosleep, &none, hole);
	TRY(gettimeofday, hole, 0);
	TRY(gettimeofday, 0, hole);
	TRY(gettimeofday, 0, 0);
	TRY(time, hole);
	TRY(times, hole);
	TRY(getrusage, 77, memory);
	TRY(getrusage, RUSAGE_SELF, hole);
	TRY(getrusage, RUSAGE_CHILDREN, memory);
	TRY(prlimit64, 0, 99, 0, memory);
	TRY(prlimit64, 0, RLIMIT_NOFILE, 0, hole);
	TRY(prlimit64, 0, RLIMIT_NOFILE, hole, 0);
}

int main(void)
{
	memory = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	hole = memory + 3 * PAGE;
	munmap(hole, 61 * PAGE);
	mprotect(memory + 2 * PAGE, PAGE, PROT_READ);
	setvbuf(stdout, NULL, _IOLBF, 4096); /* it may die of what it tries */
	mapping();
	threads();
	signals();
	clocks();
	return 0;
}
