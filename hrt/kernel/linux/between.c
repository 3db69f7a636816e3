// SPDX-License-Identifier: Apache-2.0
// Calls that Linux does, but not as the program says it.
#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/resource.h>

#include "misc.h"
#include "process.h"
#include "signal_state.h"

/*
 * Limits that mean the same to the partner. Others would hit the partner, which
 * has mapped all addresses of programs, or limit nothing.
 */
static bool may_limit(uint64_t resource)
{
	return resource == RLIMIT_NOFILE || resource == RLIMIT_FSIZE ||
	       resource == RLIMIT_CORE || resource == RLIMIT_STACK ||
	       resource == RLIMIT_NICE || resource == RLIMIT_RTPRIO;
}

int64_t sys_setrlimit(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	return may_limit((uint32_t)arg[0]) ? call_forward(__NR_setrlimit, arg)
					   : -EPERM;
}

int64_t sys_prlimit64(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	if (arg[2] && !may_limit((uint32_t)arg[1]))
		return -EPERM;
	return call_forward(__NR_prlimit64, arg);
}

/* Where the pointer to a mask of signals is. */
static unsigned int mask_at(uint32_t nr)
{
	switch (nr) {
	case __NR_ppoll:
		return 3;
	case __NR_pselect6:
		return 5;
	default: /* epoll_pwait, epoll_pwait2 */
		return 4;
	}
}

/*
 * Signals are the kernel's, so the mask is, too: Linux waits without one, and
 * is interrupted by those that the mask lets through.
 */
int64_t sys_masked(const uint64_t arg[6], struct frame *frame)
{
	uint32_t nr = (uint32_t)frame->rax;
	unsigned int at = mask_at(nr);
	uint64_t given[6], where = arg[at], mask;
	struct task *task = task_current();
	int64_t result;

	memcpy(given, arg, sizeof(given));
	given[at] = 0;
	/* struct { const sigset_t *mask; size_t size; } */
	if (nr == __NR_pselect6 && where &&
	    !space_read(&where, where, sizeof(where)))
		return -EFAULT;
	if (!where)
		return call_forward(nr, given);
	if (!space_read(&mask, where, sizeof(mask)))
		return -EFAULT;
	/* A signal that ends the wait has its handler run with this mask. */
	if (!task->signal.has_saved) {
		task->signal.saved = task->signal.blocked;
		task->signal.has_saved = true;
	}
	signal_block(mask);
	result = call_forward(nr, given);
	/* A signal came before: the mask was set, so it would not block. */
	if (result == DIVE_CALL_NOT_BEGUN)
		result = -EINTR;
	if (result != -EINTR) {
		task->signal.has_saved = false;
		signal_block(task->signal.saved);
	}
	return result;
}
