// SPDX-License-Identifier: Apache-2.0
// The life of a thread, and the stacks that threads run on.
#include "thread.h"

#include "cpu.h"
#include "heap.h"
#include "page.h"
#include "ram.h"
#include "sched.h"
#include "wait.h"

/* Stacks are made from blocks, to split fewer large pages. */
#define BLOCK_ORDER 7
#define BLOCK_SIZE  (RAM_PAGE << BLOCK_ORDER)

static struct spin lock;
static struct list threads = { &threads, &threads };
static uint32_t last_id;
/* Free stacks; the link is in the lowest page that is mapped. */
static struct list stacks = { &stacks, &stacks };

static void free_stack(uintptr_t stack)
{
	uint64_t flags = spin_lock(&lock);

	list_add(stacks.next, (struct list *)(stack + STACK_GUARD));
	spin_unlock(&lock, flags);
}

static bool make_stacks(void)
{
	uintptr_t block = (uintptr_t)ram_alloc(BLOCK_ORDER);

	if (!block)
		return false;
	/* All of it first: then the CPUs are interrupted only once. */
	if (page_protect(block, BLOCK_SIZE, 0))
		dive_panic("no memory to split a large page");
	for (uintptr_t at = block; at < block + BLOCK_SIZE; at += STACK_SIZE) {
		page_protect(at + STACK_GUARD, STACK_SIZE - STACK_GUARD,
			     PAGE_WRITE);
		free_stack(at);
	}
	return true;
}

/* Blocks stay stacks for ever: the next threads will want them. */
static uintptr_t alloc_stack(void)
{
	struct list *first;
	uint64_t flags;

	do {
		flags = spin_lock(&lock);
		first = list_first(&stacks);
		if (first)
			list_remove(first);
		spin_unlock(&lock, flags);
	} while (!first && make_stacks());
	return first ? (uintptr_t)first - STACK_GUARD : 0;
}

static void name_thread(struct thread *thread, const char *name)
{
	size_t length = strlen(name);

	if (length > THREAD_NAME_MAX - 1)
		length = THREAD_NAME_MAX - 1;
	memcpy(thread->name, name, length);
}

static void publish(struct thread *thread)
{
	uint64_t flags = spin_lock(&lock);

	thread->id = ++last_id;
	list_add(&threads, &thread->all);
	spin_unlock(&lock, flags);
}

/* Where the first switch to a thread goes. */
_Noreturn static void begin(void)
{
	sched_begin();
	thread_current()->entry(thread_current()->arg);
	thread_exit();
}

struct thread *thread_new(const char *name, void (*entry)(void *arg), void *arg,
			  int cpu)
{
	struct thread *thread = heap_alloc(sizeof(*thread));
	uintptr_t *sp;

	if (!thread)
		return NULL;
	thread->stack = alloc_stack();
	if (!thread->stack) {
		heap_free(thread);
		return NULL;
	}
	name_thread(thread, name);
	thread->entry = entry;
	thread->arg = arg;
	thread->is_pinned = cpu != THREAD_ANY_CPU;
	thread->cpu = thread->is_pinned ? &cpus[cpu] : cpu_this();
	/* As entry_switch() leaves it: six registers and where it returns. */
	sp = (uintptr_t *)(thread->stack + STACK_SIZE);
	*--sp = 0; /* the end of a backtrace */
	*--sp = (uintptr_t)begin;
	for (int i = 0; i < 6; i++)
		*--sp = 0;
	thread->sp = (uintptr_t)sp;
	publish(thread);
	return thread;
}

void thread_start(struct thread *thread)
{
	sched_wake(thread);
}

void thread_exit(void)
{
	struct thread *self = thread_current();

	if (!self->is_detached) {
		__atomic_store_n(&self->exited, 1, __ATOMIC_RELEASE);
		wait_wake(&self->exited, UINT32_MAX);
	}
	sched_exit();
}

void thread_join(struct thread *thread)
{
	while (!__atomic_load_n(&thread->exited, __ATOMIC_ACQUIRE))
		wait_on(&thread->exited, 0, CLOCK_NEVER);
	while (!sched_has_left(thread))
		sched_yield();
	thread_free(thread);
}

void thread_free(struct thread *thread)
{
	uint64_t flags = spin_lock(&lock);

	list_remove(&thread->all);
	spin_unlock(&lock, flags);
	free_stack(thread->stack);
	ram_free(thread->fpu);
	heap_free(thread);
}

void thread_set_fs(uint64_t base)
{
	uint64_t flags = irq_save();

	thread_current()->fs_base = base;
	cpu_write_msr(MSR_FS_BASE, base);
	irq_restore(flags);
}

void thread_adopt(struct thread *thread, struct cpu *cpu)
{
	name_thread(thread, "idle");
	/* Whoever called may have used some of it. */
	thread->stack = (uintptr_t)__builtin_frame_address(0) -
			(STACK_SIZE - STACK_ROOM);
	thread->cpu = cpu;
	thread->is_pinned = true;
	thread->state = THREAD_RUNNING;
	publish(thread);
}

uint64_t thread_ran_ns(const struct thread *thread)
{
	struct cpu *cpu;
	uint64_t flags, now, ran;

	/* With the lock under which it is switched to and from. */
	for (;;) {
		cpu = __atomic_load_n(&thread->cpu, __ATOMIC_RELAXED);
		flags = spin_lock(&cpu->lock);
		if (thread->cpu == cpu)
			break;
		spin_unlock(&cpu->lock, flags);
	}
	ran = thread->ran_ns;
	now = clock_cpu_ns();
	if (thread->state == THREAD_RUNNING && now > cpu->switched_ns)
		ran += now - cpu->switched_ns;
	spin_unlock(&cpu->lock, flags);
	return ran;
}

size_t thread_list(struct thread_info *list, size_t max)
{
	uint64_t flags = spin_lock(&lock);
	struct list *link;
	size_t count = 0;

	LIST_EACH(link, &threads) {
		struct thread *thread = LIST_ENTRY(link, struct thread, all);
		struct thread_info *info = &list[count++];

		if (count > max)
			continue;
		memcpy(info->name, thread->name, sizeof(info->name));
		info->id = thread->id;
		info->cpu = thread->cpu->index;
		info->is_pinned = thread->is_pinned;
		info->state = thread->state;
		info->ran_ns = thread_ran_ns(thread);
		info->switches = thread->switches;
	}
	spin_unlock(&lock, flags);
	return count;
}
