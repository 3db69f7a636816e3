// SPDX-License-Identifier: Apache-2.0
// Resources first, then nothing more: what a run gives up before it begins.
#include "vmm/confine.h"

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB ((uint64_t)1 << 20)
/* Stacks, symbols, a report: beside guest memory. */
#define MEMORY_ALL (1024 * MIB)
#define MEMORY_CPU (16 * MIB)

#define FILTER_MAX 512u /* instructions */

/* Made by tools/filter.c. */
extern const char confine_filter[];
extern const uint32_t confine_filter_size;

/*
 * What glibc calls for us, whoever asked: memory, locks, threads and their
 * ends. No memory becomes executable, no child has a name space of its own, no
 * other process gets a signal.
 * syscall: brk, mmap[2&PROT_EXEC=0], mprotect[2&PROT_EXEC=0], munmap, mremap,
 * madvise, futex, set_robust_list, rseq, clone[0&CLONE_NAMESPACES=0],
 * exit, exit_group, rt_sigreturn, rt_sigprocmask, rt_sigaction, getpid, gettid,
 * tgkill[0=CONFINE_PID], clock_gettime, restart_syscall, getrandom, sched_yield
 */

/*
 * A super-user becomes nobody, and nobody may choose a root. In the new one is
 * nothing but what this process has itself: the numbers of its descriptors.
 * Hosts and containers that forbid this are common: then the filter stands
 * alone. (A mount name space with an empty file system costs 0.1 ms more here
 * and up to 1 ms when it goes.)
 */
static void leave_root(void)
{
	(void)!unshare(CLONE_NEWUSER);
	if (chroot("/proc/self/fdinfo") == 0)
		(void)!chdir("/");
}

/* Twice the guest's: a second machine looks at a triple fault (cli/replay.c). */
static void limit_memory(uint64_t memory, unsigned int cpus)
{
	struct rlimit limit;

	limit.rlim_cur = limit.rlim_max =
		2 * memory + MEMORY_ALL + cpus * MEMORY_CPU;
	/* Fails when there is a lower limit already, which is as good. */
	(void)setrlimit(RLIMIT_AS, &limit);
}

/* Who we are is not known when dive is built. */
static void name_us(struct sock_filter *code, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code[i].k == CONFINE_PID)
			code[i].k = (uint32_t)getpid();
}

int confine(uint64_t memory, unsigned int cpus, struct err *e)
{
	struct sock_filter code[FILTER_MAX];
	struct sock_fprog program = {
		.len = (unsigned short)(confine_filter_size / sizeof(code[0])),
		.filter = code,
	};

	/* A sanitizer maps terabytes, and traces us in the end. */
	if (SANITIZED)
		return 0;
	assert(confine_filter_size <= sizeof(code));
	memcpy(code, confine_filter, confine_filter_size);
	name_us(code, program.len);
	leave_root();
	limit_memory(memory, cpus);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_FILTER_FLAG_TSYNC, &program))
		return err_set(e, -errno,
			       "dive cannot confine itself: this host gives it "
			       "no seccomp filter: %s",
			       strerror(errno));
	return 0;
}
