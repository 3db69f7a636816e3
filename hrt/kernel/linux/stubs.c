// SPDX-License-Identifier: Apache-2.0
// Stands in for what is being written: each goes when the real one comes.
#include <asm/errno.h>
#include <asm/unistd.h>

#include "../console.h"
#include "call.h"
#include "channel.h"
#include "process.h"

#define WEAK __attribute__((weak))

WEAK void call_init(void *counts)
{
	(void)counts;
}

WEAK const char *call_serve(const char *args)
{
	return args;
}

WEAK void call_refusals(void)
{
}

WEAK void call_count_fault(uint64_t cycles)
{
	(void)cycles;
}

WEAK void call_count_map(uint64_t cycles, uint64_t service)
{
	(void)cycles;
	(void)service;
}

static int64_t serve(struct frame *frame, const uint64_t arg[6])
{
	switch (frame->rax) {
	case __NR_mmap:
		return sys_mmap(arg, frame);
	case __NR_munmap:
		return sys_munmap(arg, frame);
	case __NR_mprotect:
		return sys_mprotect(arg, frame);
	case __NR_mremap:
		return sys_mremap(arg, frame);
	case __NR_madvise:
		return sys_madvise(arg, frame);
	case __NR_brk:
		return sys_brk(arg, frame);
	case __NR_arch_prctl:
		if (arg[0] != 0x1002)
			return -EINVAL;
		thread_set_fs(arg[1]);
		return 0;
	case __NR_set_tid_address:
		return task_current()->tid;
	case __NR_set_robust_list:
	case __NR_rt_sigaction:
	case __NR_rt_sigprocmask:
		return 0;
	case __NR_exit:
	case __NR_exit_group:
		process_exit((int)arg[0], 0);
	case __NR_rseq:
	case __NR_clone:
	case __NR_clone3:
	case __NR_fork:
	case __NR_vfork:
	case __NR_execve:
		return -ENOSYS;
	default:
		for (int i = 0; i < 6; i++)
			if (!space_allows(arg[i], 1, PAGE_READ))
				continue;
		return call_linux((uint32_t)frame->rax, arg, NULL);
	}
}

WEAK void call_dispatch(struct frame *frame)
{
	const uint64_t arg[6] = { frame->rdi, frame->rsi, frame->rdx,
				  frame->r10, frame->r8,  frame->r9 };

	frame->rax = (uint64_t)serve(frame, arg);
}

WEAK void signal_init(void)
{
}

WEAK void signal_task_init(struct task *task, const struct task *parent)
{
	(void)task;
	(void)parent;
}

WEAK void signal_task_end(struct task *task)
{
	(void)task;
}

WEAK void signal_poll(void)
{
}

WEAK bool signal_interrupts(void)
{
	return true;
}

WEAK void signal_deliver(struct frame *frame)
{
	(void)frame;
}

WEAK bool signal_fault(struct frame *frame, uint64_t address)
{
	console_log("minnow: exception %lu at 0x%lx, address 0x%lx\n",
		       frame->vector, frame->rip, address);
	process_exit(0, 11);
}
