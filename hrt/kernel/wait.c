// SPDX-License-Identifier: Apache-2.0
// Queues of waiting threads, found by the address of the word they wait for.
#include "wait.h"

#include <asm/errno.h>

#include "cpu.h"
#include "sched.h"

#define BUCKETS 64

static struct bucket {
	struct spin lock;
	struct list waiters;
} buckets[BUCKETS];

/* A deadline of one waiting thread. */
struct timeout {
	struct timer timer;
	struct thread *thread;
};

void wait_init(void)
{
	for (int i = 0; i < BUCKETS; i++)
		list_init(&buckets[i].waiters);
}

static struct bucket *bucket_of(const uint32_t *word)
{
	/* Words in one structure or page spread by the golden ratio. */
	return &buckets[((uintptr_t)word >> 2) * 0x9e3779b97f4a7c15 >> 58];
}

/* With the lock of the bucket: the caller has to wake the thread then. */
static void take_out(struct thread *thread, int result)
{
	list_remove(&thread->link);
	thread->wait_result = result;
	__atomic_store_n(&thread->wait_word, NULL, __ATOMIC_RELAXED);
}

/* Ends a wait from outside; it may have ended by itself meanwhile. */
static void end_wait(struct thread *thread, int result)
{
	const uint32_t *word =
		__atomic_load_n(&thread->wait_word, __ATOMIC_SEQ_CST);
	struct bucket *bucket = bucket_of(word);
	uint64_t flags;
	bool waits;

	if (!word)
		return;
	flags = spin_lock(&bucket->lock);
	waits = thread->wait_word == word &&
		(result != -EINTR || thread->wait_interruptible);
	if (waits)
		take_out(thread, result);
	spin_unlock(&bucket->lock, flags);
	if (waits)
		sched_wake(thread);
}

static uint64_t on_timeout(struct timer *timer)
{
	end_wait(((struct timeout *)timer)->thread, -ETIMEDOUT);
	return CLOCK_NEVER;
}

/* Blocks, unless there is a reason not to. */
static int block(const uint32_t *word, uint32_t value, bool is_interruptible)
{
	struct thread *self = thread_current();
	struct bucket *bucket = bucket_of(word);
	uint64_t flags = spin_lock(&bucket->lock);
	int ret = 0;

	self->wait_interruptible = is_interruptible;
	/* wait_interrupt() writes and reads these two the other way round. */
	__atomic_store_n(&self->wait_word, word, __ATOMIC_SEQ_CST);
	if (is_interruptible &&
	    __atomic_load_n(&self->interrupted, __ATOMIC_SEQ_CST))
		ret = -EINTR;
	else if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value)
		ret = -EAGAIN;
	if (ret) {
		self->wait_word = NULL;
		spin_unlock(&bucket->lock, flags);
		return ret;
	}
	list_add(&bucket->waiters, &self->link);
	sched_sleep(&bucket->lock);
	irq_restore(flags);
	return self->wait_result;
}

static int wait(const uint32_t *word, uint32_t value, uint64_t deadline_ns,
		bool is_interruptible)
{
	struct timeout timeout = { { .deadline_ns = deadline_ns,
				     .expire = on_timeout },
				   thread_current() };
	uint64_t flags;
	int ret;

	if (deadline_ns == CLOCK_NEVER)
		return block(word, value, is_interruptible);
	if (deadline_ns <= clock_ns())
		return -ETIMEDOUT;
	/* The timer is this CPU's: it cannot expire before the thread waits. */
	flags = irq_save();
	timer_add(&timeout.timer);
	ret = block(word, value, is_interruptible);
	irq_restore(flags);
	timer_cancel(&timeout.timer);
	return ret;
}

int wait_on(const uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
	return wait(word, value, deadline_ns, false);
}

int wait_interruptible(const uint32_t *word, uint32_t value,
		       uint64_t deadline_ns)
{
	return wait(word, value, deadline_ns, true);
}

unsigned int wait_wake(const uint32_t *word, unsigned int count)
{
	struct bucket *bucket = bucket_of(word);
	unsigned int woken = 0;
	struct list *link;

	while (woken < count) {
		struct thread *thread = NULL;
		uint64_t flags = spin_lock(&bucket->lock);

		LIST_EACH(link, &bucket->waiters)
		{
			thread = LIST_ENTRY(link, struct thread, link);
			if (thread->wait_word == word)
				break;
			thread = NULL;
		}
		if (thread)
			take_out(thread, 0);
		spin_unlock(&bucket->lock, flags);
		if (!thread)
			break;
		sched_wake(thread);
		woken++;
	}
	return woken;
}

void wait_interrupt(struct thread *thread)
{
	__atomic_store_n(&thread->interrupted, 1, __ATOMIC_SEQ_CST);
	end_wait(thread, -EINTR);
	sched_kick(thread);
}

void wait_until(uint64_t deadline_ns)
{
	uint32_t word = 0;

	while (wait_on(&word, 0, deadline_ns) != -ETIMEDOUT)
		;
}

void mutex_lock(struct mutex *mutex)
{
	uint32_t seen = 0;

	if (__atomic_compare_exchange_n(&mutex->word, &seen, 1, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&mutex->word, 2, __ATOMIC_ACQUIRE))
		wait_on(&mutex->word, 2, CLOCK_NEVER);
}

void mutex_unlock(struct mutex *mutex)
{
	if (__atomic_exchange_n(&mutex->word, 0, __ATOMIC_RELEASE) == 2)
		wait_wake(&mutex->word, 1);
}
