// SPDX-License-Identifier: Apache-2.0
// Reading Linux's clocks.
#include "time.h"

#include <asm/errno.h>
#include <asm/unistd_64.h>
#include <linux/time.h>
#include <linux/time_types.h>

#include "../clock.h"
#include "../lock.h"
#include "channel.h"
#include "cpu_time.h"
#include "process.h"
#include "range.h"
#include "timeline.h"

/* How long a line is good for. */
#define CHECK_NS (200 * CLOCK_MS)

/* How often the first line is tried to be made better. */
#define FIRST_READINGS 4

/* Linux's clocks that are told here, and which number each has there. */
enum clock {
	REALTIME,
	MONOTONIC,
	RAW,
	BOOTTIME,
	CLOCKS
};

static const uint32_t ids[CLOCKS] = { CLOCK_REALTIME, CLOCK_MONOTONIC,
				      CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME };

static struct spin lock;
static struct timeline lines[CLOCKS];
/* A page of the program's for Linux to write to, and who uses it. */
static struct mutex scratch_lock;
static uint64_t scratch;

void time_init(void)
{
	memset(lines, 0, sizeof(lines));
	scratch = 0;
	cpu_time_init();
}

/* A coarse clock of Linux's lags behind; here it need not. */
static enum clock clock_of(uint32_t id)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		return REALTIME;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
		return MONOTONIC;
	case CLOCK_MONOTONIC_RAW:
		return RAW;
	case CLOCK_BOOTTIME:
		return BOOTTIME;
	default:
		return CLOCKS;
	}
}

static uint64_t learn(enum clock clock, uint64_t ns, uint64_t start_ns,
		      uint64_t end_ns)
{
	uint64_t flags = spin_lock(&lock);
	uint64_t told = timeline_learn(&lines[clock], ns, start_ns, end_ns);

	spin_unlock(&lock, flags);
	return told;
}

static bool is_fresh(enum clock clock)
{
	uint64_t flags = spin_lock(&lock);
	const struct timeline *line = &lines[clock];
	bool is =
		line->is_known && clock_cpu_ns() - line->checked_ns < CHECK_NS;

	spin_unlock(&lock, flags);
	return is;
}

static uint64_t to_ns(const struct __kernel_timespec *time)
{
	return (uint64_t)time->tv_sec * CLOCK_SEC + (uint64_t)time->tv_nsec;
}

static struct __kernel_timespec to_timespec(uint64_t ns)
{
	return (struct __kernel_timespec){ (int64_t)(ns / CLOCK_SEC),
					   (long long)(ns % CLOCK_SEC) };
}

/* With the lock of the page. */
static int ask(enum clock clock)
{
	uint64_t arg[6] = { ids[clock], scratch };
	uint64_t start = clock_cpu_ns();
	struct __kernel_timespec time;
	int64_t ret = call_linux_surely(__NR_clock_gettime, arg);
	uint64_t end = clock_cpu_ns();

	if (ret)
		return (int)ret;
	if (!space_read(&time, scratch, sizeof(time)))
		return -EFAULT;
	learn(clock, to_ns(&time), start, end);
	return 0;
}

static int have_scratch(void)
{
	const struct space_request page = { .size = PAGE_SIZE,
					    .rights = PAGE_READ | PAGE_WRITE };
	int64_t va;

	if (scratch && space_allows(scratch, PAGE_SIZE, PAGE_WRITE))
		return 0;
	va = space_map(&page);
	if (va < 0)
		return (int)va;
	scratch = (uint64_t)va;
	return space_allows(scratch, PAGE_SIZE, PAGE_WRITE) ? 0 : -ENOMEM;
}

static int refresh(enum clock clock)
{
	bool was_known = lines[clock].is_known;
	int ret = 0;

	mutex_lock(&scratch_lock);
	if (!is_fresh(clock)) {
		ret = have_scratch();
		for (int i = was_known ? 1 : FIRST_READINGS; !ret && i; i--)
			ret = ask(clock);
	}
	mutex_unlock(&scratch_lock);
	/* An old line is still a good one, only not as close. */
	return lines[clock].is_known ? 0 : ret;
}

static int tell(enum clock clock, uint64_t *ns)
{
	int ret = is_fresh(clock) ? 0 : refresh(clock);
	uint64_t flags;

	if (ret)
		return ret;
	flags = spin_lock(&lock);
	*ns = timeline_tell(&lines[clock], clock_cpu_ns());
	spin_unlock(&lock, flags);
	return 0;
}

uint64_t time_timeout(uint64_t ns)
{
	uint64_t now = clock_ns();

	ns = timeline_stretch(ns);
	return ns < CLOCK_NEVER - now ? now + ns : CLOCK_NEVER;
}

int time_deadline(uint32_t clock, uint64_t ns, uint64_t *deadline_ns)
{
	enum clock which = clock_of(clock);
	uint64_t now = 0;
	int ret = which == CLOCKS ? -EINVAL : tell(which, &now);

	if (ret)
		return ret;
	*deadline_ns = ns > now ? time_timeout(ns - now) : 0;
	return 0;
}

int time_read_timespec(uint64_t address, uint64_t *ns)
{
	struct __kernel_timespec time;
	uint64_t seconds;

	if (!space_read(&time, address, sizeof(time)))
		return -EFAULT;
	if (time.tv_sec < 0 || time.tv_nsec < 0 ||
	    time.tv_nsec >= (long long)CLOCK_SEC)
		return -EINVAL;
	seconds = (uint64_t)time.tv_sec;
	*ns = seconds < UINT64_MAX / CLOCK_SEC - 1 ? to_ns(&time) : UINT64_MAX;
	return 0;
}

static bool write_timespec(uint64_t address, uint64_t ns)
{
	struct __kernel_timespec time = to_timespec(ns);

	return space_write(address, &time, sizeof(time));
}

int64_t sys_clock_gettime(const uint64_t arg[6], struct frame *frame)
{
	uint32_t id = (uint32_t)arg[0];
	enum clock clock = clock_of(id);
	uint64_t ns;
	int ret;

	(void)frame;
	ret = clock == CLOCKS ? cpu_time_clock(id, &ns) : tell(clock, &ns);
	if (ret == -ENODEV)
		return call_forward(__NR_clock_gettime, arg);
	if (ret)
		return ret;
	return write_timespec(arg[1], ns) ? 0 : -EFAULT;
}

int64_t sys_clock_getres(const uint64_t arg[6], struct frame *frame)
{
	uint32_t id = (uint32_t)arg[0];
	uint64_t ns;

	(void)frame;
	/* How coarse the coarse ones are is Linux's configuration. */
	if (id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE ||
	    (clock_of(id) == CLOCKS && cpu_time_clock(id, &ns)))
		return call_forward(__NR_clock_getres, arg);
	return !arg[1] || write_timespec(arg[1], 1) ? 0 : -EFAULT;
}

int64_t sys_gettimeofday(const uint64_t arg[6], struct frame *frame)
{
	struct timeval time;
	struct timezone zone = { 0, 0 };
	uint64_t ns;
	int ret = tell(REALTIME, &ns);

	(void)frame;
	if (ret)
		return ret;
	time.tv_sec = (int64_t)(ns / CLOCK_SEC);
	time.tv_usec = (int64_t)(ns % CLOCK_SEC / 1000);
	if ((arg[0] && !space_write(arg[0], &time, sizeof(time))) ||
	    (arg[1] && !space_write(arg[1], &zone, sizeof(zone))))
		return -EFAULT;
	return 0;
}

int64_t sys_time(const uint64_t arg[6], struct frame *frame)
{
	uint64_t ns;
	int ret = tell(REALTIME, &ns);

	(void)frame;
	if (ret)
		return ret;
	ns /= CLOCK_SEC;
	if (arg[0] && !space_write(arg[0], &ns, sizeof(ns)))
		return -EFAULT;
	return (int64_t)ns;
}

/* TAI is REALTIME and some whole seconds; those with an alarm are the same. */
static void learn_from(uint32_t id, uint64_t ns, uint64_t start,
		       uint64_t address)
{
	enum clock clock = id == CLOCK_TAI              ? REALTIME
			   : id == CLOCK_REALTIME_ALARM ? REALTIME
			   : id == CLOCK_BOOTTIME_ALARM ? BOOTTIME
							: clock_of(id);
	uint64_t end = clock_cpu_ns(), told = 0, more = 0;

	if (clock == CLOCKS || (id == CLOCK_TAI && tell(REALTIME, &told)))
		return;
	if (id == CLOCK_TAI && ns > told)
		more = (ns - told + CLOCK_SEC / 2) / CLOCK_SEC * CLOCK_SEC;
	told = learn(clock, ns - more, start, end) + more;
	if (told > ns)
		write_timespec(address, told);
}

void time_forwarded(uint32_t nr, const uint64_t arg[6], uint64_t start_ns)
{
	uint32_t id = (uint32_t)arg[0];
	struct __kernel_timespec time;
	struct timeval day;

	if (nr == __NR_clock_gettime) {
		/* A coarse one is behind: nothing to learn. */
		if (id != CLOCK_REALTIME_COARSE &&
		    id != CLOCK_MONOTONIC_COARSE &&
		    space_read(&time, arg[1], sizeof(time)))
			learn_from(id, to_ns(&time), start_ns, arg[1]);
	} else if (nr == __NR_gettimeofday && arg[0] &&
		   space_read(&day, arg[0], sizeof(day))) {
		learn(REALTIME,
		      (uint64_t)day.tv_sec * CLOCK_SEC +
			      (uint64_t)day.tv_usec * 1000,
		      start_ns, clock_cpu_ns());
	}
}
