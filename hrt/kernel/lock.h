/* SPDX-License-Identifier: Apache-2.0 */
/* Spin locks: held for some instructions, always with interrupts off. */
#ifndef MINNOW_LOCK_H
#define MINNOW_LOCK_H

#include <dive.h>

#define RFLAGS_IF 0x200

/**
 * struct spin - a lock; all zero is free
 * @taken: 0 or 1
 */
struct spin {
	uint32_t taken;
};

/**
 * irq_save() - interrupts off on this CPU
 *
 * Return: for irq_restore().
 */
static inline uint64_t irq_save(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags)::"memory");
	return flags;
}

/**
 * irq_restore() - interrupts as they were
 * @flags: from irq_save()
 */
static inline void irq_restore(uint64_t flags)
{
	if (flags & RFLAGS_IF)
		dive_irq_on();
}

/**
 * spin_take() - lock, where interrupts are off already
 * @lock: not held by this CPU
 */
static inline void spin_take(struct spin *lock)
{
	while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&lock->taken, __ATOMIC_RELAXED))
			dive_pause();
}

/**
 * spin_drop() - unlock, and leave interrupts off
 * @lock: held
 */
static inline void spin_drop(struct spin *lock)
{
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

/**
 * spin_lock() - interrupts off, and lock
 * @lock: not held by this CPU
 *
 * Return: for spin_unlock().
 */
static inline uint64_t spin_lock(struct spin *lock)
{
	uint64_t flags = irq_save();

	spin_take(lock);
	return flags;
}

/**
 * spin_unlock() - unlock, and interrupts as they were
 * @lock: held
 * @flags: from spin_lock()
 */
static inline void spin_unlock(struct spin *lock, uint64_t flags)
{
	spin_drop(lock);
	irq_restore(flags);
}

#endif
