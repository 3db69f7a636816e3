/* SPDX-License-Identifier: Apache-2.0 */
/* The time, and calls at a later time. */
#ifndef MINNOW_CLOCK_H
#define MINNOW_CLOCK_H

#include <dive.h>

#include "list.h"

struct cpu;

#define CLOCK_MS    1000000ull
#define CLOCK_SEC   1000000000ull
#define CLOCK_NEVER UINT64_MAX

/**
 * struct timer - one call at a later time
 * @deadline_ns: when, on clock_ns()
 * @expire: called from an interrupt with interrupts off, on the CPU that added
 *	the timer; must not touch timers. Returns the next deadline, or
 *	CLOCK_NEVER: then the timer may be added again
 * @cpu: where it waits, NULL: it does not
 * @link: among the timers of @cpu
 */
struct timer {
	uint64_t deadline_ns;
	uint64_t (*expire)(struct timer *timer);
	struct cpu *cpu;
	struct list link;
};

/**
 * clock_init() - start the clock; once
 * @boot: from the contract
 */
void clock_init(const struct dive_boot *boot);

/**
 * clock_ns() - the time
 *
 * Return: nanoseconds since clock_init(); never less than any CPU was told
 * before.
 */
uint64_t clock_ns(void);

/**
 * clock_cpu_ns() - the time as this CPU's counter sees it
 *
 * Return: as clock_ns(), but cheaper, and what two CPUs see may differ.
 */
uint64_t clock_cpu_ns(void);

/**
 * clock_alarm() - have a timer interrupt on this CPU
 * @deadline_ns: not later than this; it may come earlier
 *
 * Interrupts off.
 */
void clock_alarm(uint64_t deadline_ns);

/**
 * timer_add() - set a timer, on this CPU
 * @timer: deadline and function set, not waiting; the caller keeps it
 */
void timer_add(struct timer *timer);

/**
 * timer_cancel() - take a timer back
 * @timer: waiting or not
 *
 * When it returns its function does not run, nor will it.
 */
void timer_cancel(struct timer *timer);

#endif
