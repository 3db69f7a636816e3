// SPDX-License-Identifier: Apache-2.0
// The scheduler. There is no tick: the timer interrupts only CPUs that have
// somebody waiting.
#include "sched.h"

#include "apic.h"
#include "clock.h"
#include "cpu.h"
#include "fpu.h"

void entry_switch(uintptr_t *save_sp, uintptr_t load_sp);

/* The interrupt itself is the message: see sched_interrupted(). */
static void on_wake(void)
{
}

void sched_init(void)
{
	irq_set(VECTOR_WAKE, on_wake);
}

static bool is_idle(const struct cpu *cpu)
{
	return cpu->current == &cpu->idle;
}

/* With the lock of the queue. */
static void enqueue(struct cpu *cpu, struct thread *thread)
{
	thread->state = THREAD_READY;
	thread->cpu = cpu;
	list_add(&cpu->ready, &thread->link);
	cpu->ready_count++;
}

/* With the lock of the queue. */
static void dequeue(struct cpu *cpu, struct thread *thread)
{
	list_remove(&thread->link);
	cpu->ready_count--;
}

/*
 * Behind a switch, as the thread that came: the one before is off its stack,
 * and only now another CPU may take it.
 */
static void finish_switch(void)
{
	struct cpu *cpu = cpu_this();
	struct thread *previous = cpu->previous;
	bool is_over = previous->state == THREAD_DEAD && previous->is_detached;

	spin_drop(&cpu->lock);
	if (is_over)
		thread_free(previous);
}

/*
 * Leaves the current thread for the first that is ready, else for the idle one.
 * Interrupts off, with the lock of this CPU's queue, which is dropped. Returns
 * when the thread gets its next turn, perhaps on another CPU.
 */
static void switch_thread(void)
{
	struct cpu *cpu = cpu_this();
	struct thread *from = cpu->current, *to = &cpu->idle;
	struct list *first = list_first(&cpu->ready);
	uint64_t now = clock_cpu_ns();

	if (first) {
		to = LIST_ENTRY(first, struct thread, link);
		dequeue(cpu, to);
	}
	from->ran_ns += now - cpu->switched_ns;
	cpu->switched_ns = now;
	cpu->slice_end_ns = now + SCHED_SLICE_NS;
	if (cpu->ready_count)
		clock_alarm(cpu->slice_end_ns);
	if (from == &cpu->idle)
		from->state = THREAD_READY;
	to->state = THREAD_RUNNING;
	to->switches++;
	cpu->previous = from;
	cpu->current = to;
	if (from->fs_base != to->fs_base)
		cpu_write_msr(MSR_FS_BASE, to->fs_base);
	fpu_switch(cpu, from, to);
	entry_switch(&from->sp, to->sp);
	finish_switch();
}

void sched_begin(void)
{
	finish_switch();
	dive_irq_on();
}

void sched_yield(void)
{
	uint64_t flags = irq_save();
	struct cpu *cpu = cpu_this();

	spin_take(&cpu->lock);
	if (!cpu->ready_count) {
		spin_drop(&cpu->lock);
	} else {
		if (!is_idle(cpu))
			enqueue(cpu, cpu->current);
		switch_thread();
	}
	irq_restore(flags);
}

void sched_interrupted(void)
{
	struct cpu *cpu = cpu_this();

	/* Who adds the first thread from elsewhere sends an interrupt. */
	if (!__atomic_load_n(&cpu->ready_count, __ATOMIC_RELAXED))
		return;
	if (is_idle(cpu) || clock_cpu_ns() >= cpu->slice_end_ns)
		sched_yield();
	else
		clock_alarm(cpu->slice_end_ns);
}

void sched_sleep(struct spin *lock)
{
	struct cpu *cpu = cpu_this();

	if (is_idle(cpu))
		dive_panic("the idle thread must not wait");
	/*
	 * The waker takes both locks in this order, so it gets the thread only
	 * when that is off its stack.
	 */
	spin_take(&cpu->lock);
	cpu->current->state = THREAD_WAITING;
	spin_drop(lock);
	switch_thread();
}

void sched_exit(void)
{
	struct cpu *cpu;

	dive_irq_off();
	cpu = cpu_this();
	spin_take(&cpu->lock);
	cpu->current->state = THREAD_DEAD;
	switch_thread();
	__builtin_unreachable();
}

bool sched_has_left(struct thread *thread)
{
	struct cpu *cpu = __atomic_load_n(&thread->cpu, __ATOMIC_RELAXED);
	uint64_t flags = spin_lock(&cpu->lock);
	/* It may have moved to another queue in between. */
	bool has_left = thread->cpu == cpu && thread->state == THREAD_DEAD;

	spin_unlock(&cpu->lock, flags);
	return has_left;
}

static unsigned int load(const struct cpu *cpu)
{
	return __atomic_load_n(&cpu->ready_count, __ATOMIC_RELAXED) +
	       !is_idle(cpu);
}

/* The CPU with least to do; the thread's own if that is as good. */
static struct cpu *place(const struct thread *thread)
{
	struct cpu *best = thread->cpu;

	for (unsigned int i = 0; i < cpu_count && !thread->is_pinned; i++)
		if (load(&cpus[i]) < load(best))
			best = &cpus[i];
	return best;
}

void sched_wake(struct thread *thread)
{
	uint64_t flags = irq_save();
	struct cpu *cpu = thread->cpu;
	bool was_empty;

	/* Wait until it is off its stack: see sched_sleep(). */
	spin_take(&cpu->lock);
	spin_drop(&cpu->lock);
	cpu = place(thread);
	spin_take(&cpu->lock);
	was_empty = !cpu->ready_count;
	enqueue(cpu, thread);
	spin_drop(&cpu->lock);
	if (cpu != cpu_this() && was_empty)
		apic_send(cpu->apicid, VECTOR_WAKE);
	else if (cpu == cpu_this() && !is_idle(cpu))
		clock_alarm(cpu->slice_end_ns);
	irq_restore(flags);
}

void sched_kick(struct thread *thread)
{
	uint64_t flags = irq_save();
	struct cpu *cpu = __atomic_load_n(&thread->cpu, __ATOMIC_RELAXED);

	/* If it moves now it is switched to, and looks anyway. */
	if (cpu != cpu_this())
		apic_send(cpu->apicid, VECTOR_WAKE);
	irq_restore(flags);
}

/* A thread of the longest queue comes here; the one that would wait longest. */
static void steal(struct cpu *cpu)
{
	struct thread *thread = NULL;
	struct cpu *from = cpu;
	struct list *link;

	for (unsigned int i = 0; i < cpu_count; i++)
		if (cpus[i].ready_count > from->ready_count)
			from = &cpus[i];
	if (from == cpu)
		return;
	spin_take(&from->lock);
	LIST_EACH(link, &from->ready)
		if (!LIST_ENTRY(link, struct thread, link)->is_pinned)
			thread = LIST_ENTRY(link, struct thread, link);
	if (thread)
		dequeue(from, thread);
	spin_drop(&from->lock);
	if (!thread)
		return;
	spin_take(&cpu->lock);
	enqueue(cpu, thread);
	spin_drop(&cpu->lock);
}

void sched_idle(void)
{
	for (;;) {
		dive_irq_off();
		if (!cpu_this()->ready_count)
			steal(cpu_this());
		if (cpu_this()->ready_count)
			sched_yield();
		else
			cpu_halt();
	}
}
