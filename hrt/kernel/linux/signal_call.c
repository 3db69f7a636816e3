// SPDX-License-Identifier: Apache-2.0
// System calls that send signals, wait for them, or say what they do.
#include <asm/errno.h>
#include <asm/unistd_64.h>

#include "channel.h"
#include "signal_state.h"
#include "time.h"

#define SET_SIZE sizeof(uint64_t)

static bool is_signal(uint64_t number)
{
	return number >= 1 && number <= SIGNALS;
}

int64_t sys_rt_sigaction(const uint64_t arg[6], struct frame *frame)
{
	struct sigaction new, old;

	(void)frame;
	if (arg[3] != SET_SIZE || !is_signal(arg[0]) ||
	    (arg[1] && SIGNAL_BIT(arg[0]) & SIGNALS_SURE))
		return -EINVAL;
	if (arg[1]) {
		if (!space_read(&new, arg[1], sizeof(new)))
			return -EFAULT;
		new.sa_mask &= ~SIGNALS_SURE;
	}
	signal_action((int)arg[0], arg[1] ? &new : NULL, &old);
	if (arg[2] && !space_write(arg[2], &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

int64_t sys_rt_sigprocmask(const uint64_t arg[6], struct frame *frame)
{
	uint64_t old = task_current()->signal.blocked, set;

	(void)frame;
	if (arg[3] != SET_SIZE)
		return -EINVAL;
	if (arg[1]) {
		if (!space_read(&set, arg[1], sizeof(set)))
			return -EFAULT;
		if ((int)arg[0] == SIG_BLOCK)
			signal_block(old | set);
		else if ((int)arg[0] == SIG_UNBLOCK)
			signal_block(old & ~set);
		else if ((int)arg[0] == SIG_SETMASK)
			signal_block(set);
		else
			return -EINVAL;
	}
	return arg[2] && !space_write(arg[2], &old, sizeof(old)) ? -EFAULT : 0;
}

int64_t sys_rt_sigpending(const uint64_t arg[6], struct frame *frame)
{
	uint64_t set = signal_pending() & task_current()->signal.blocked;

	(void)frame;
	if (arg[1] > SET_SIZE)
		return -EINVAL;
	return space_write(arg[0], &set, arg[1]) ? 0 : -EFAULT;
}

/* Until a signal comes that this task must do something about. */
static void wait_for_signal(void)
{
	static const uint32_t never;

	do
		wait_interruptible(&never, 0, CLOCK_NEVER);
	while (!signal_interrupts());
}

int64_t sys_rt_sigsuspend(const uint64_t arg[6], struct frame *frame)
{
	struct task_signal *s = &task_current()->signal;
	uint64_t set;

	(void)frame;
	if (arg[1] != SET_SIZE)
		return -EINVAL;
	if (!space_read(&set, arg[0], sizeof(set)))
		return -EFAULT;
	s->saved = s->blocked;
	s->has_saved = true;
	signal_block(set);
	wait_for_signal();
	return -SIGNAL_NO_HANDLER;
}

int64_t sys_pause(const uint64_t arg[6], struct frame *frame)
{
	(void)arg;
	(void)frame;
	wait_for_signal();
	return -SIGNAL_NO_HANDLER;
}

/* Sets and clears whom signals that are blocked go to as well. */
static int wait_for(uint64_t set, uint64_t deadline_ns, siginfo_t *info)
{
	static const uint32_t never;
	struct task_signal *s = &task_current()->signal;
	int signal, ret = 0;

	/* A sender looks at it after it has added the signal. */
	__atomic_store_n(&s->waits, set, __ATOMIC_SEQ_CST);
	while (!(signal = signal_take(set, info)) && ret != -ETIMEDOUT) {
		ret = wait_interruptible(&never, 0, deadline_ns);
		if (ret == -EINTR && signal_interrupts() &&
		    !(signal_pending() & set)) {
			s->waits = 0;
			return -EINTR;
		}
	}
	s->waits = 0;
	return signal ? signal : -EAGAIN;
}

int64_t sys_rt_sigtimedwait(const uint64_t arg[6], struct frame *frame)
{
	uint64_t set, ns, deadline_ns = CLOCK_NEVER;
	siginfo_t info;
	int ret;

	(void)frame;
	if (arg[3] != SET_SIZE)
		return -EINVAL;
	if (!space_read(&set, arg[0], sizeof(set)))
		return -EFAULT;
	if (arg[2]) {
		ret = time_read_timespec(arg[2], &ns);
		if (ret)
			return ret;
		deadline_ns = time_timeout(ns);
	}
	ret = wait_for(set & ~SIGNALS_SURE, deadline_ns, &info);
	if (ret > 0 && arg[1] && !space_write(arg[1], &info, sizeof(info)))
		return -EFAULT;
	return ret;
}

static siginfo_t from_self(uint64_t signal, int code)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = (int)signal;
	info.si_code = code;
	info.si_pid = (int)process.tid;
	return info;
}

int64_t sys_kill(const uint64_t arg[6], struct frame *frame)
{
	siginfo_t info = from_self(arg[1], SI_USER);

	(void)frame;
	if ((uint32_t)arg[0] != process.tid)
		return call_linux(__NR_kill, arg, NULL);
	if ((uint32_t)arg[1] == 0)
		return 0;
	if (!is_signal((uint32_t)arg[1]))
		return -EINVAL;
	return signal_send(NULL, &info);
}

/* Threads of others are Linux's matter, and so is that there is none. */
static int64_t send_to_thread(uint32_t tid, const siginfo_t *info, uint32_t nr,
			      const uint64_t arg[6])
{
	int ret;

	if (info->si_signo < 0 || info->si_signo > SIGNALS)
		return -EINVAL;
	ret = signal_send_to(tid, info);
	return ret == -ESRCH ? call_linux(nr, arg, NULL) : ret;
}

int64_t sys_tkill(const uint64_t arg[6], struct frame *frame)
{
	siginfo_t info = from_self(arg[1], SI_TKILL);

	(void)frame;
	if ((int)arg[0] <= 0)
		return -EINVAL;
	return send_to_thread((uint32_t)arg[0], &info, __NR_tkill, arg);
}

int64_t sys_tgkill(const uint64_t arg[6], struct frame *frame)
{
	siginfo_t info = from_self(arg[2], SI_TKILL);

	(void)frame;
	if ((int)arg[0] <= 0 || (int)arg[1] <= 0)
		return -EINVAL;
	if ((uint32_t)arg[0] != process.tid)
		return call_linux(__NR_tgkill, arg, NULL);
	return send_to_thread((uint32_t)arg[1], &info, __NR_tgkill, arg);
}

static int64_t read_info(siginfo_t *info, uint64_t address, uint64_t signal)
{
	if (!space_read(info, address, sizeof(*info)))
		return -EFAULT;
	info->si_signo = (int)signal;
	return is_signal((uint32_t)signal) ? 0 : -EINVAL;
}

int64_t sys_rt_sigqueueinfo(const uint64_t arg[6], struct frame *frame)
{
	siginfo_t info;
	int64_t ret = read_info(&info, arg[2], arg[1]);

	(void)frame;
	if (ret)
		return ret;
	if ((uint32_t)arg[0] != process.tid)
		return call_linux(__NR_rt_sigqueueinfo, arg, NULL);
	return signal_send(NULL, &info);
}

int64_t sys_rt_tgsigqueueinfo(const uint64_t arg[6], struct frame *frame)
{
	siginfo_t info;
	int64_t ret = read_info(&info, arg[3], arg[2]);

	(void)frame;
	if (ret)
		return ret;
	if ((uint32_t)arg[0] != process.tid)
		return call_linux(__NR_rt_tgsigqueueinfo, arg, NULL);
	return send_to_thread((uint32_t)arg[1], &info, __NR_rt_tgsigqueueinfo,
			      arg);
}
