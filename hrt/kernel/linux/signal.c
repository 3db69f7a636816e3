// SPDX-License-Identifier: Apache-2.0
// Signals: who gets them, and what happens to the program then.
#include "signal.h"

#include <asm/errno.h>

#include "../lock.h"
#include "channel.h"
#include "signal_queue.h"

/* The partner may claim any number of real-time signals. */
#define POLL_MAX 64

/* Taken in interrupts too; the locks of wait.c and sched.c come after it. */
static struct spin lock;
static struct list tasks = { &tasks, &tasks };
static struct sigaction actions[SIGNALS];
static struct signal_queue shared;
/* What the partner had counted when we looked last. */
static uint32_t counted[DIVE_SIGNALS];

static struct task *task_of(struct list *link)
{
	return LIST_ENTRY(link, struct task, signal.link);
}

void signal_init(void)
{
	uint64_t flags = spin_lock(&lock);

	memset(actions, 0, sizeof(actions));
	list_init(&tasks);
	if (shared.infos.next)
		signal_queue_drop(&shared, UINT64_MAX);
	signal_queue_init(&shared);
	memset(counted, 0, sizeof(counted)); /* contract 12.7 */
	spin_unlock(&lock, flags);
}

void signal_task_init(struct task *task, const struct task *parent)
{
	uint64_t flags = spin_lock(&lock);

	task->signal =
		(struct task_signal){ .blocked = parent ? parent->signal.blocked
							: 0,
				      .stack_flags = SS_DISABLE };
	signal_queue_init(&task->signal.pending);
	list_add(&tasks, &task->signal.link);
	spin_unlock(&lock, flags);
}

/* With the lock. Is there anything for this task. */
static uint64_t open_to(const struct task *task)
{
	const struct task_signal *s = &task->signal;

	return (s->pending.set | shared.set) & (~s->blocked | s->waits);
}

void signal_task_end(struct task *task)
{
	uint64_t flags = spin_lock(&lock);
	struct list *link;

	list_remove(&task->signal.link);
	signal_queue_drop(&task->signal.pending, UINT64_MAX);
	/* It may have been chosen for one that another task can take. */
	LIST_EACH(link, &tasks)
		if (open_to(task_of(link)))
			wait_interrupt(task_of(link)->thread);
	spin_unlock(&lock, flags);
}

/* With the lock. */
static bool is_ignored(int signal)
{
	return signal_is_ignored(signal, &actions[signal - 1]);
}

/* With the lock. */
static bool wants(const struct task *task, uint64_t bit)
{
	return bit & (~task->signal.blocked | task->signal.waits);
}

/* With the lock. The first that does not block it; NULL: it has to wait. */
static struct task *choose(uint64_t bit)
{
	struct list *link;

	LIST_EACH(link, &tasks)
		if (wants(task_of(link), bit))
			return task_of(link);
	return NULL;
}

/* With the lock. */
static int send(struct task *task, const siginfo_t *info)
{
	uint64_t bit = SIGNAL_BIT(info->si_signo);
	struct task *taker = task && !wants(task, bit) ? NULL : task;
	int ret;

	if (!task)
		taker = choose(bit);
	/* One that is blocked waits, as there may be a handler later. */
	if (taker && is_ignored(info->si_signo) && !(taker->signal.waits & bit))
		return 0;
	ret = signal_queue_add(task ? &task->signal.pending : &shared, info);
	if (!ret && taker)
		wait_interrupt(taker->thread);
	return ret;
}

int signal_send(struct task *task, const siginfo_t *info)
{
	uint64_t flags = spin_lock(&lock);
	int ret = send(task, info);

	spin_unlock(&lock, flags);
	return ret;
}

int signal_send_to(uint32_t tid, const siginfo_t *info)
{
	uint64_t flags = spin_lock(&lock);
	struct list *link;
	int ret = -ESRCH;

	LIST_EACH(link, &tasks)
		if (task_of(link)->tid == tid)
			ret = info->si_signo ? send(task_of(link), info) : 0;
	spin_unlock(&lock, flags);
	return ret;
}

void signal_poll(void)
{
	const struct dive_delegate *area = channel_area();
	uint64_t flags = spin_lock(&lock);

	for (int i = 0; i < DIVE_SIGNALS; i++) {
		uint32_t count =
			__atomic_load_n(&area->signal[i], __ATOMIC_ACQUIRE);
		siginfo_t info = { .si_signo = i + 1, .si_code = SI_USER };

		for (int n = 0; counted[i] != count && n < POLL_MAX; n++) {
			send(NULL, &info);
			counted[i]++;
		}
		counted[i] = count;
	}
	spin_unlock(&lock, flags);
}

void signal_action(int signal, const struct sigaction *new,
		   struct sigaction *old)
{
	uint64_t flags = spin_lock(&lock);
	struct sigaction before = actions[signal - 1];
	struct list *link;

	if (new)
		actions[signal - 1] = *new;
	*old = before;
	/* POSIX: whatever waits is forgotten, even if it is blocked. */
	if (is_ignored(signal) && new) {
		signal_queue_drop(&shared, SIGNAL_BIT(signal));
		LIST_EACH(link, &tasks)
			signal_queue_drop(&task_of(link)->signal.pending,
					  SIGNAL_BIT(signal));
	}
	spin_unlock(&lock, flags);
}

void signal_block(uint64_t blocked)
{
	struct task *task = task_current();
	uint64_t flags = spin_lock(&lock);
	struct list *link;

	task->signal.blocked = blocked & ~SIGNALS_SURE;
	/* What this one was chosen for may have become another one's. */
	if (shared.set)
		LIST_EACH(link, &tasks)
			if (open_to(task_of(link)))
				wait_interrupt(task_of(link)->thread);
	if (open_to(task))
		wait_interrupt(task->thread);
	spin_unlock(&lock, flags);
}

uint64_t signal_pending(void)
{
	uint64_t flags = spin_lock(&lock);
	uint64_t set = task_current()->signal.pending.set | shared.set;

	spin_unlock(&lock, flags);
	return set;
}

int signal_take(uint64_t set, siginfo_t *info)
{
	uint64_t flags = spin_lock(&lock);
	int signal =
		signal_queue_take(&task_current()->signal.pending, set, info);

	if (!signal)
		signal = signal_queue_take(&shared, set, info);
	spin_unlock(&lock, flags);
	return signal;
}

bool signal_interrupts(void)
{
	struct task *task = task_current();
	uint64_t flags;
	bool must_stop;

	/* Whoever sends another one sets it again. */
	__atomic_store_n(&task->thread->interrupted, 0, __ATOMIC_SEQ_CST);
	flags = spin_lock(&lock);
	must_stop = open_to(task) || process_is_ending();
	if (must_stop)
		__atomic_store_n(&task->thread->interrupted, 1,
				 __ATOMIC_SEQ_CST);
	spin_unlock(&lock, flags);
	return must_stop;
}
