// SPDX-License-Identifier: Apache-2.0
// Futexes: one program, so a word's address says which one it is.
#include "futex.h"

#include <asm/errno.h>
#include <linux/futex.h>
#include <linux/time.h>

#include "../guard.h"
#include "process.h"
#include "time.h"

/* So many entries of a list that may be a ring, as Linux. */
#define WALK_MAX 2048

/* The lowest bit of a pointer in a robust list: the lock inherits priority. */
#define ENTRY_PI 1

static uint32_t *word_at(uint64_t address)
{
	return (uint32_t *)address;
}

static int check(uint64_t address, unsigned int rights)
{
	if (address & 3)
		return -EINVAL;
	return space_allows(address, 4, rights) ? 0 : -EFAULT;
}

/* FUTEX_WAIT has a time from now on, FUTEX_WAIT_BITSET the time of a clock. */
static int deadline_of(int op, uint64_t address, uint64_t *deadline_ns)
{
	uint32_t clock =
		op & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	uint64_t ns;
	int ret;

	*deadline_ns = CLOCK_NEVER;
	if (!address)
		return 0;
	ret = time_read_timespec(address, &ns);
	if (ret)
		return ret;
	if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET)
		return time_deadline(clock, ns, deadline_ns);
	*deadline_ns = time_timeout(ns);
	return 0;
}

static int futex_wait(const uint64_t arg[6], int op, uint32_t bits)
{
	const uint32_t *word = word_at(arg[0]);
	uint32_t value = (uint32_t)arg[2], now;
	uint64_t deadline_ns;
	int ret;

	if (!bits)
		return -EINVAL;
	ret = deadline_of(op, arg[3], &deadline_ns);
	if (!ret)
		ret = check(arg[0], PAGE_READ);
	if (ret)
		return ret;
	/* Linux looks at the word before the clock. */
	if (!guard_read(word, &now))
		return -EFAULT;
	if (now != value)
		return -EAGAIN;
	do
		ret = wait_bits(word, value, deadline_ns, bits);
	while (ret == -EINTR && !signal_interrupts());
	if (ret != -EINTR)
		return ret;
	return arg[3] ? -EINTR : -SIGNAL_RESTART;
}

static int futex_wake(const uint64_t arg[6], uint32_t bits)
{
	int count = (int)arg[2];

	if (arg[0] & 3 || !bits)
		return -EINVAL;
	/* Linux wakes one when none is asked for. */
	return (int)wait_wake_bits(word_at(arg[0]),
				   count > 0 ? (unsigned int)count : 1, bits);
}

static int futex_requeue(const uint64_t arg[6], const uint32_t *expected)
{
	int wake = (int)arg[2], move = (int)arg[3];
	int ret = check(arg[0], PAGE_READ);

	if (wake < 0 || move < 0)
		return -EINVAL;
	if (!ret)
		ret = check(arg[4], PAGE_READ);
	if (ret)
		return ret;
	return wait_requeue(word_at(arg[0]), word_at(arg[4]),
			    (unsigned int)wake, (unsigned int)move, expected);
}

static bool calculate(uint32_t op, uint32_t old, uint32_t by, uint32_t *new)
{
	switch (op) {
	case FUTEX_OP_SET:
		*new = by;
		return true;
	case FUTEX_OP_ADD:
		*new = old + by;
		return true;
	case FUTEX_OP_OR:
		*new = old | by;
		return true;
	case FUTEX_OP_ANDN:
		*new = old & ~by;
		return true;
	case FUTEX_OP_XOR:
		*new = old ^ by;
		return true;
	default:
		return false;
	}
}

static int compare(uint32_t how, int32_t old, int32_t with)
{
	switch (how) {
	case FUTEX_OP_CMP_EQ:
		return old == with;
	case FUTEX_OP_CMP_NE:
		return old != with;
	case FUTEX_OP_CMP_LT:
		return old < with;
	case FUTEX_OP_CMP_LE:
		return old <= with;
	case FUTEX_OP_CMP_GT:
		return old > with;
	case FUTEX_OP_CMP_GE:
		return old >= with;
	default:
		return -ENOSYS;
	}
}

int futex_calculate(uint32_t *word, uint32_t code)
{
	uint32_t op = code >> 28 & 7, how = code >> 24 & 15;
	uint32_t old, new, now;
	/* Two numbers of 12 bits with a sign. */
	int32_t by = (int32_t)(code << 8) >> 20;
	int32_t with = (int32_t)(code << 20) >> 20;

	/* The highest bit: a number of a bit. */
	if (code >> 31)
		by = (int32_t)(1u << (by & 31));
	if (!guard_read(word, &now))
		return -EFAULT;
	do {
		old = now;
		if (!calculate(op, old, (uint32_t)by, &new))
			return -ENOSYS;
		if (!guard_exchange(word, &now, new))
			return -EFAULT;
	} while (now != old);
	return compare(how, (int32_t)old, with);
}

static int futex_wake_op(const uint64_t arg[6])
{
	int wake = (int)arg[2], wake2 = (int)arg[3], is_true, woken;
	int ret = check(arg[0], PAGE_READ);

	if (!ret)
		ret = check(arg[4], PAGE_WRITE);
	if (ret)
		return ret;
	is_true = futex_calculate(word_at(arg[4]), (uint32_t)arg[5]);
	if (is_true < 0)
		return is_true;
	woken = (int)wait_wake(word_at(arg[0]),
			       wake > 0 ? (unsigned int)wake : 1);
	if (is_true)
		woken += (int)wait_wake(word_at(arg[4]),
					wake2 > 0 ? (unsigned int)wake2 : 1);
	return woken;
}

int64_t sys_futex(const uint64_t arg[6], struct frame *frame)
{
	uint32_t expected = (uint32_t)arg[5];
	int op = (int)arg[1];

	(void)frame;
	if (op & FUTEX_CLOCK_REALTIME &&
	    (op & FUTEX_CMD_MASK) != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (op & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
		return futex_wait(arg, op, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return futex_wait(arg, op, (uint32_t)arg[5]);
	case FUTEX_WAKE:
		return futex_wake(arg, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(arg, (uint32_t)arg[5]);
	case FUTEX_REQUEUE:
		return futex_requeue(arg, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(arg, &expected);
	case FUTEX_WAKE_OP:
		return futex_wake_op(arg);
	default:
		/* glibc takes this as: no priority inheritance. */
		return -ENOSYS;
	}
}

void futex_clear(uint64_t address)
{
	uint32_t zero = 0;

	if (address & 3 || !space_write(address, &zero, sizeof(zero)))
		return;
	wait_wake(word_at(address), 1);
}

/* The owner of a lock has died: say so in the lock, wake who waits for it. */
static void bury(uint64_t address, uint32_t tid, bool is_pending, bool is_pi)
{
	uint32_t value, dead, now;

	if (check(address, PAGE_WRITE))
		return;
	if (!guard_read(word_at(address), &now))
		return;
	/* Unlocked already, but whoever waits was not woken yet. */
	if (is_pending && !is_pi && !now) {
		wait_wake(word_at(address), 1);
		return;
	}
	do {
		value = now;
		if ((value & FUTEX_TID_MASK) != tid)
			return;
		dead = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		if (!guard_exchange(word_at(address), &now, dead))
			return;
	} while (now != value);
	if (value & FUTEX_WAITERS && !is_pi)
		wait_wake(word_at(address), 1);
}

void futex_walk(uint64_t head, uint32_t tid)
{
	struct robust_list_head list;
	uint64_t entry, next, pending, offset;

	if (!head || !space_read(&list, head, sizeof(list)))
		return;
	entry = (uint64_t)list.list.next;
	pending = (uint64_t)list.list_op_pending;
	offset = (uint64_t)list.futex_offset;
	for (int i = 0; i < WALK_MAX && (entry & ~1ull) != head; i++) {
		/* Before the lock is given away: it may go with it. */
		bool has_next = space_read(&next, entry & ~1ull, sizeof(next));

		if ((entry & ~1ull) != (pending & ~1ull))
			bury((entry & ~1ull) + offset, tid, false,
			     entry & ENTRY_PI);
		if (!has_next)
			break;
		entry = next;
	}
	if (pending & ~1ull)
		bury((pending & ~1ull) + offset, tid, true, pending & ENTRY_PI);
}
