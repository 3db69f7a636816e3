// SPDX-License-Identifier: Apache-2.0
// Sleeping.
#include <asm/errno.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "../clock.h"
#include "process.h"
#include "time.h"

/* Returns 0 when it is time, or -EINTR. */
static int sleep_until(uint64_t deadline_ns)
{
	static const uint32_t never;
	int ret;

	do
		ret = wait_interruptible(&never, 0, deadline_ns);
	while (ret != -ETIMEDOUT && (ret != -EINTR || !signal_interrupts()));
	return ret == -EINTR ? -EINTR : 0;
}

static int64_t sleep_for(uint64_t address, uint64_t rest_address)
{
	uint64_t ns, deadline, now, rest;
	struct __kernel_timespec left;
	int ret = time_read_timespec(address, &ns);

	if (ret)
		return ret;
	deadline = time_timeout(ns);
	ret = sleep_until(deadline);
	if (ret && rest_address) {
		now = clock_ns();
		rest = deadline > now ? deadline - now : 0;
		if (rest > ns)
			rest = ns;
		left.tv_sec = (int64_t)(rest / CLOCK_SEC);
		left.tv_nsec = (long long)(rest % CLOCK_SEC);
		if (!space_write(rest_address, &left, sizeof(left)))
			return -EFAULT;
	}
	return ret;
}

int64_t sys_nanosleep(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	return sleep_for(arg[0], arg[1]);
}

int64_t sys_clock_nanosleep(const uint64_t arg[6], struct frame *frame)
{
	uint32_t id = (uint32_t)arg[0];
	uint64_t ns, deadline = 0;
	int ret;

	(void)frame;
	if ((int32_t)id > CLOCK_TAI)
		return -EINVAL;
	if (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC &&
	    id != CLOCK_BOOTTIME)
		return -EOPNOTSUPP;
	if (!((int)arg[1] & TIMER_ABSTIME))
		return sleep_for(arg[2], arg[3]);
	ret = time_read_timespec(arg[2], &ns);
	if (!ret)
		ret = time_deadline(id, ns, &deadline);
	if (ret)
		return ret;
	return sleep_until(deadline) ? -SIGNAL_NO_HANDLER : 0;
}
