// SPDX-License-Identifier: Apache-2.0
// Queues of waiting threads, found by the address of the word they wait for.
#include "wait.h"

#include <asm/errno.h>

#include "cpu.h"
#include "guard.h"
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

/* With the lock of the bucket of its word; false when it must not end. */
static bool try_end(struct thread *thread, int result)
{
	if (result == -EINTR && !thread->wait_interruptible)
		return false;
	take_out(thread, result);
	return true;
}

/* Ends a wait from outside; it may have ended by itself meanwhile. */
static void end_wait(struct thread *thread, int result)
{
	bool is_ended = false, is_there = false;
	struct bucket *bucket;
	const uint32_t *word;
	uint64_t flags;

	/* wait_requeue() may change the word at any time. */
	while (!is_there &&
	       (word = __atomic_load_n(&thread->wait_word, __ATOMIC_SEQ_CST))) {
		bucket = bucket_of(word);
		flags = spin_lock(&bucket->lock);
		is_there = thread->wait_word == word;
		if (is_there)
			is_ended = try_end(thread, result);
		spin_unlock(&bucket->lock, flags);
	}
	if (is_ended)
		sched_wake(thread);
}

static uint64_t on_timeout(struct timer *timer)
{
	end_wait(((struct timeout *)timer)->thread, -ETIMEDOUT);
	return CLOCK_NEVER;
}

/* Blocks, unless there is a reason not to. */
static int block(const uint32_t *word, uint32_t value, uint32_t bits,
		 bool is_interruptible)
{
	struct thread *self = thread_current();
	struct bucket *bucket = bucket_of(word);
	uint64_t flags = spin_lock(&bucket->lock);
	uint32_t now;
	int ret = 0;

	self->wait_bits = bits;
	self->wait_interruptible = is_interruptible;
	/* wait_interrupt() writes and reads these two the other way round. */
	__atomic_store_n(&self->wait_word, word, __ATOMIC_SEQ_CST);
	if (is_interruptible &&
	    __atomic_load_n(&self->interrupted, __ATOMIC_SEQ_CST))
		ret = -EINTR;
	else if (!guard_read(word, &now))
		ret = -EFAULT;
	else if (now != value)
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
		uint32_t bits, bool is_interruptible)
{
	struct timeout timeout = { { .deadline_ns = deadline_ns,
				     .expire = on_timeout },
				   thread_current() };
	uint64_t flags;
	int ret;

	if (deadline_ns == CLOCK_NEVER)
		return block(word, value, bits, is_interruptible);
	if (deadline_ns <= clock_ns())
		return -ETIMEDOUT;
	/* The timer is this CPU's: it cannot expire before the thread waits. */
	flags = irq_save();
	timer_add(&timeout.timer);
	ret = block(word, value, bits, is_interruptible);
	irq_restore(flags);
	timer_cancel(&timeout.timer);
	return ret;
}

int wait_on(const uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
	return wait(word, value, deadline_ns, WAIT_ALL, false);
}

int wait_interruptible(const uint32_t *word, uint32_t value,
		       uint64_t deadline_ns)
{
	return wait(word, value, deadline_ns, WAIT_ALL, true);
}

int wait_bits(const uint32_t *word, uint32_t value, uint64_t deadline_ns,
	      uint32_t bits)
{
	return wait(word, value, deadline_ns, bits, true);
}

/* The next one that waits for a word, from a link on; with the lock. */
static struct thread *find(struct bucket *bucket, struct list *link,
			   const uint32_t *word, uint32_t bits)
{
	for (; link != &bucket->waiters; link = link->next) {
		struct thread *thread = LIST_ENTRY(link, struct thread, link);

		if (thread->wait_word == word && thread->wait_bits & bits)
			return thread;
	}
	return NULL;
}

unsigned int wait_wake_bits(const uint32_t *word, unsigned int count,
			    uint32_t bits)
{
	struct bucket *bucket = bucket_of(word);
	unsigned int woken = 0;

	while (woken < count) {
		uint64_t flags = spin_lock(&bucket->lock);
		struct thread *thread =
			find(bucket, bucket->waiters.next, word, bits);

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

unsigned int wait_wake(const uint32_t *word, unsigned int count)
{
	return wait_wake_bits(word, count, WAIT_ALL);
}

static uint64_t lock_both(struct bucket *a, struct bucket *b)
{
	uint64_t flags = spin_lock(a < b ? &a->lock : &b->lock);

	if (a != b)
		spin_take(a < b ? &b->lock : &a->lock);
	return flags;
}

static void unlock_both(struct bucket *a, struct bucket *b, uint64_t flags)
{
	if (a != b)
		spin_drop(&a->lock);
	spin_unlock(&b->lock, flags);
}

/* With the locks of both buckets. */
static void move_to(struct thread *thread, struct bucket *bucket,
		    const uint32_t *word)
{
	list_remove(&thread->link);
	list_add(&bucket->waiters, &thread->link);
	__atomic_store_n(&thread->wait_word, word, __ATOMIC_SEQ_CST);
}

int wait_requeue(const uint32_t *from, const uint32_t *to, unsigned int wake,
		 unsigned int move, const uint32_t *expected)
{
	struct bucket *old = bucket_of(from), *new = bucket_of(to);
	uint64_t flags = lock_both(old, new);
	struct list woken, *at = old->waiters.next;
	struct thread *thread;
	unsigned int done = 0;
	uint32_t now = 0;
	int ret = 0;

	list_init(&woken);
	if (expected && !guard_read(from, &now))
		ret = -EFAULT;
	else if (expected && now != *expected)
		ret = -EAGAIN;
	if (ret) {
		unlock_both(old, new, flags);
		return ret;
	}
	if (from == to)
		move = 0;
	while (done < wake + move && (thread = find(old, at, from, WAIT_ALL))) {
		at = thread->link.next;
		if (done++ < wake) {
			take_out(thread, 0);
			list_add(&woken, &thread->link);
		} else {
			move_to(thread, new, to);
		}
	}
	unlock_both(old, new, flags);
	while (!list_is_empty(&woken)) {
		thread = LIST_ENTRY(woken.next, struct thread, link);
		list_remove(&thread->link);
		sched_wake(thread);
	}
	return (int)done;
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
