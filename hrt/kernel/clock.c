// SPDX-License-Identifier: Apache-2.0
// A clock from the time stamp counter, timers from the local APIC.
#include "clock.h"

#include "apic.h"
#include "cpu.h"

/* Longer waits are cut: the APIC counts 32 bits. */
#define ALARM_MAX_NS CLOCK_SEC

static uint64_t tsc_start, lapic_hz;
/* Nanoseconds per tick of the TSC, times 2^32. */
static uint64_t tsc_scale;
/* The latest time that anybody was told. */
static uint64_t told_ns;

static void on_timer(void);

void clock_init(const struct dive_boot *boot)
{
	tsc_start = dive_tsc();
	tsc_scale = (1000000ull << 32) / boot->tsc_khz;
	lapic_hz = boot->lapic_hz;
	irq_set(VECTOR_TIMER, on_timer);
}

uint64_t clock_cpu_ns(void)
{
	uint64_t ticks;

	/* RDTSC alone may run ahead of the loads before it. */
	__asm__ volatile("lfence" ::: "memory");
	ticks = dive_tsc() - tsc_start;
	return (uint64_t)((unsigned __int128)ticks * tsc_scale >> 32);
}

uint64_t clock_ns(void)
{
	uint64_t now = clock_cpu_ns();
	uint64_t told = __atomic_load_n(&told_ns, __ATOMIC_RELAXED);

	while (told < now)
		if (__atomic_compare_exchange_n(&told_ns, &told, now, false,
						__ATOMIC_SEQ_CST,
						__ATOMIC_RELAXED))
			return now;
	return told;
}

void clock_alarm(uint64_t deadline_ns)
{
	struct cpu *cpu = cpu_this();
	uint64_t now = clock_cpu_ns(), wait = 0, count;

	if (deadline_ns >= cpu->alarm_ns)
		return;
	if (deadline_ns > now)
		wait = deadline_ns - now;
	if (wait > ALARM_MAX_NS)
		wait = ALARM_MAX_NS;
	cpu->alarm_ns = now + wait;
	count = wait * lapic_hz / CLOCK_SEC + 1;
	apic_timer(count > UINT32_MAX ? UINT32_MAX : (uint32_t)count);
}

static struct timer *first_timer(const struct cpu *cpu)
{
	struct list *first = list_first(&cpu->timers);

	return first ? LIST_ENTRY(first, struct timer, link) : NULL;
}

/* With the lock of the CPU's timers. */
static void insert(struct cpu *cpu, struct timer *timer)
{
	struct list *at = cpu->timers.next;

	while (at != &cpu->timers &&
	       LIST_ENTRY(at, struct timer, link)->deadline_ns <=
		       timer->deadline_ns)
		at = at->next;
	list_add(at, &timer->link);
	__atomic_store_n(&timer->cpu, cpu, __ATOMIC_RELEASE);
}

static void on_timer(void)
{
	struct cpu *cpu = cpu_this();
	struct timer *timer;

	cpu->alarm_ns = CLOCK_NEVER;
	spin_take(&cpu->timer_lock);
	while ((timer = first_timer(cpu)) && timer->deadline_ns <= clock_ns()) {
		list_remove(&timer->link);
		timer->deadline_ns = timer->expire(timer);
		if (timer->deadline_ns == CLOCK_NEVER)
			__atomic_store_n(&timer->cpu, NULL, __ATOMIC_RELEASE);
		else
			insert(cpu, timer);
	}
	spin_drop(&cpu->timer_lock);
	if (timer)
		clock_alarm(timer->deadline_ns);
}

void timer_add(struct timer *timer)
{
	uint64_t flags = irq_save();
	struct cpu *cpu = cpu_this();

	spin_take(&cpu->timer_lock);
	insert(cpu, timer);
	spin_drop(&cpu->timer_lock);
	clock_alarm(timer->deadline_ns);
	irq_restore(flags);
}

void timer_cancel(struct timer *timer)
{
	struct cpu *cpu = __atomic_load_n(&timer->cpu, __ATOMIC_ACQUIRE);
	uint64_t flags;

	if (!cpu)
		return;
	flags = spin_lock(&cpu->timer_lock);
	if (timer->cpu) {
		list_remove(&timer->link);
		timer->cpu = NULL;
	}
	spin_unlock(&cpu->timer_lock, flags);
}
