// SPDX-License-Identifier: Apache-2.0
// CPU time. Linux knows only what the partner has used.
#include "cpu_time.h"

#include <asm/errno.h>
#include <asm/unistd_64.h>
#include <linux/resource.h>
#include <linux/time.h>
#include <linux/times.h>

#include "../clock.h"
#include "../lock.h"
#include "process.h"

/* A clock of a process or thread: ~id << 3 | kind (Linux: posix-timers.h). */
#define ID_THREAD 4
#define ID_KIND   3
#define ID_SIGN   0xe0000000u /* what an arithmetic shift by 3 brings */
#define ID_NONE   3 /* a kind: a file descriptor, no clock of CPU time */

#define TICK_NS (CLOCK_SEC / 100) /* USER_HZ */

/* What tasks that have ended had run, and the most that was told. */
static struct spin lock;
static uint64_t ended_ns, told_ns;

void cpu_time_init(void)
{
	ended_ns = told_ns = 0;
}

void cpu_time_task_end(const struct task *task)
{
	uint64_t ran = thread_ran_ns(task->thread);
	uint64_t flags = spin_lock(&lock);

	ended_ns += ran;
	spin_unlock(&lock, flags);
}

static uint64_t process_ns(void)
{
	uint64_t ran = 0, flags;
	struct list *link;

	mutex_lock(&process.lock);
	LIST_EACH(link, &process.tasks)
		ran += thread_ran_ns(
			LIST_ENTRY(link, struct task, link)->thread);
	flags = spin_lock(&lock);
	ran += ended_ns;
	if (ran > told_ns)
		told_ns = ran;
	ran = told_ns;
	spin_unlock(&lock, flags);
	mutex_unlock(&process.lock);
	return ran;
}

static int task_ns(uint32_t tid, uint64_t *ns)
{
	struct list *link;
	int ret = -EINVAL;

	mutex_lock(&process.lock);
	LIST_EACH(link, &process.tasks) {
		const struct task *task = LIST_ENTRY(link, struct task, link);

		if (task->tid != tid)
			continue;
		*ns = thread_ran_ns(task->thread);
		ret = 0;
	}
	mutex_unlock(&process.lock);
	return ret;
}

int cpu_time_clock(uint32_t id, uint64_t *ns)
{
	uint32_t of = ~(id >> 3 | ID_SIGN);

	if (id == CLOCK_THREAD_CPUTIME_ID)
		return task_ns(task_current()->tid, ns);
	if (id == CLOCK_PROCESS_CPUTIME_ID) {
		*ns = process_ns();
		return 0;
	}
	if ((int32_t)id >= 0 || (id & ID_KIND) == ID_NONE)
		return -ENODEV;
	if (id & ID_THREAD)
		return task_ns(of ? of : task_current()->tid, ns);
	if (of && of != process.tid)
		return -ENODEV;
	*ns = process_ns();
	return 0;
}

int64_t sys_times(const uint64_t arg[6], struct frame *frame)
{
	int64_t ret = call_forward(__NR_times, arg);
	struct tms times = { .tms_utime = 0 };

	(void)frame;
	if (ret < 0 || !arg[0])
		return ret;
	times.tms_utime = (int64_t)(process_ns() / TICK_NS);
	return space_write(arg[0], &times, sizeof(times)) ? ret : -EFAULT;
}

/* Linux knows the rest; its times would be those of the partner. */
int64_t sys_getrusage(const uint64_t arg[6], struct frame *frame)
{
	int64_t ret = call_forward(__NR_getrusage, arg);
	struct timeval times[2] = { { 0, 0 } };
	uint64_t ns = 0;

	(void)frame;
	if (ret || (int)arg[0] == RUSAGE_CHILDREN)
		return ret;
	if ((int)arg[0] == RUSAGE_SELF)
		ns = process_ns();
	else
		ret = task_ns(task_current()->tid, &ns);
	times[0].tv_sec = (int64_t)(ns / CLOCK_SEC);
	times[0].tv_usec = (int64_t)(ns % CLOCK_SEC / 1000);
	return space_write(arg[1], times, sizeof(times)) ? ret : -EFAULT;
}
