// SPDX-License-Identifier: Apache-2.0
// Unit tests of what a futex call computes, and of the walk along a list of locks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Guest code is in no host library. NOLINTBEGIN(bugprone-suspicious-include) */
#include "hrt/kernel/linux/futex.c"
/* NOLINTEND(bugprone-suspicious-include) */

#define TID 77

/* A lock as glibc has it: what the list points to, and the word. */
struct lock {
	uint64_t next;
	uint32_t word;
	uint32_t pad;
};

static struct {
	uint64_t head[3];
	struct lock lock[3];
} memory;
static unsigned int reads, wakes;

bool space_allows(uintptr_t va, size_t size, unsigned int rights)
{
	(void)rights;
	return va >= (uintptr_t)&memory &&
	       va + size <= (uintptr_t)(&memory + 1);
}

bool space_read(void *to, uintptr_t va, size_t size)
{
	reads++;
	if (!space_allows(va, size, PAGE_READ))
		return false;
	memcpy(to, (const void *)va, size);
	return true;
}

bool space_write(uintptr_t va, const void *from, size_t size)
{
	if (!space_allows(va, size, PAGE_WRITE))
		return false;
	memcpy((void *)va, from, size);
	return true;
}

bool guard_read(const uint32_t *from, uint32_t *to)
{
	*to = *from;
	return true;
}

bool guard_exchange(uint32_t *word, uint32_t *expected, uint32_t new)
{
	__atomic_compare_exchange_n(word, expected, new, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return true;
}

unsigned int wait_wake(const uint32_t *word, unsigned int count)
{
	(void)word;
	(void)count;
	wakes++;
	return 0;
}

unsigned int wait_wake_bits(const uint32_t *word, unsigned int count,
			    uint32_t bits)
{
	(void)bits;
	return wait_wake(word, count);
}

int wait_bits(const uint32_t *word, uint32_t value, uint64_t deadline_ns,
	      uint32_t bits)
{
	(void)word;
	(void)value;
	(void)bits;
	assert_int_not_equal(deadline_ns, CLOCK_NEVER);
	return -ETIMEDOUT;
}

int wait_requeue(const uint32_t *from, const uint32_t *to, unsigned int wake,
		 unsigned int move, const uint32_t *expected)
{
	(void)from;
	(void)to;
	(void)expected;
	return (int)(wake + move);
}

bool signal_interrupts(void)
{
	return true;
}

int time_read_timespec(uint64_t address, uint64_t *ns)
{
	return space_read(ns, address, sizeof(*ns)) ? 0 : -EFAULT;
}

uint64_t time_timeout(uint64_t ns)
{
	return ns;
}

int time_deadline(uint32_t clock, uint64_t ns, uint64_t *deadline_ns)
{
	(void)clock;
	*deadline_ns = ns;
	return 0;
}

static void test_calculate(void **unused)
{
	static const struct {
		uint32_t op, by, how, with, before, after;
		int is_true;
	} cases[] = {
		{ FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 5, 5, 7, 1 },
		{ FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 5, 6, 7, 0 },
		{ FUTEX_OP_ADD, 3, FUTEX_OP_CMP_NE, 5, 5, 8, 0 },
		/* Twelve bits with a sign. */
		{ FUTEX_OP_ADD, 0xfff, FUTEX_OP_CMP_LT, 0, 5, 4, 0 },
		{ FUTEX_OP_ADD, 0xfff, FUTEX_OP_CMP_GT, 0xfff, 0, UINT32_MAX,
		  1 },
		{ FUTEX_OP_OR, 6, FUTEX_OP_CMP_LE, 3, 3, 7, 1 },
		{ FUTEX_OP_ANDN, 6, FUTEX_OP_CMP_GE, 8, 7, 1, 0 },
		{ FUTEX_OP_XOR, 5, FUTEX_OP_CMP_GT, 2, 3, 6, 1 },
		{ FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 31, FUTEX_OP_CMP_EQ, 0, 0,
		  1u << 31, 1 },
		{ 5, 0, 0, 0, 9, 9, -ENOSYS },
		{ FUTEX_OP_ADD, 1, 6, 0, 9, 10, -ENOSYS },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t word = cases[i].before;
		uint32_t code = cases[i].op << 28 | cases[i].how << 24 |
				cases[i].by << 12 | cases[i].with;

		assert_int_equal(futex_calculate(&word, code),
				 cases[i].is_true);
		assert_int_equal(word, cases[i].after);
	}
}

static uint64_t start_list(void)
{
	memset(&memory, 0, sizeof(memory));
	reads = wakes = 0;
	memory.head[0] = (uint64_t)&memory.lock[0];
	memory.head[1] = offsetof(struct lock, word);
	memory.lock[0] =
		(struct lock){ .next = (uint64_t)&memory.lock[1], .word = TID };
	memory.lock[1] = (struct lock){ .next = (uint64_t)memory.head,
					.word = TID | FUTEX_WAITERS };
	return (uint64_t)memory.head;
}

static void test_walk(void **unused)
{
	(void)unused;
	futex_walk(start_list(), TID);
	assert_int_equal(memory.lock[0].word, FUTEX_OWNER_DIED);
	assert_int_equal(memory.lock[1].word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
	assert_int_equal(wakes, 1);

	/* Those of another task are not touched; nor is the one in between. */
	start_list();
	memory.lock[0].word = TID + 1;
	memory.head[2] = (uint64_t)&memory.lock[2];
	memory.lock[2].word = 0;
	futex_walk((uint64_t)memory.head, TID);
	assert_int_equal(memory.lock[0].word, TID + 1);
	assert_int_equal(memory.lock[2].word, 0);
	assert_int_equal(wakes, 2);
}

static void test_hostile_walk(void **unused)
{
	(void)unused;
	/* A ring that does not come back to its head. */
	start_list();
	memory.lock[1].next = (uint64_t)&memory.lock[0];
	futex_walk((uint64_t)memory.head, TID);
	assert_in_range(reads, 2, WALK_MAX + 1);
	assert_int_equal(memory.lock[0].word, FUTEX_OWNER_DIED);
	/* Nowhere, and words that are not the program's. */
	start_list();
	memory.lock[0].next = 0x1000;
	futex_walk((uint64_t)memory.head, TID);
	memory.head[1] = 1ull << 40;
	futex_walk((uint64_t)memory.head, TID);
	memory.head[1] = 1;
	futex_walk((uint64_t)memory.head, TID);
	futex_walk(0x1000, TID);
	futex_walk(0, TID);
	assert_int_equal(memory.lock[1].word, TID | FUTEX_WAITERS);
}

static int64_t call(int op, uint64_t value, uint64_t four, uint64_t three)
{
	const uint64_t arg[6] = {
		(uint64_t)&memory.lock[0].word, (uint32_t)op, value, four,
		(uint64_t)&memory.lock[1].word, three
	};

	return sys_futex(arg, NULL);
}

static void test_arguments(void **unused)
{
	uint64_t time = (uint64_t)&memory.head[1];

	(void)unused;
	start_list();
	assert_int_equal(call(FUTEX_WAIT, TID, time, 0), -ETIMEDOUT);
	assert_int_equal(call(FUTEX_WAIT, TID + 1, time, 0), -EAGAIN);
	assert_int_equal(call(FUTEX_WAIT, TID, 8, 0), -EFAULT);
	assert_int_equal(call(FUTEX_WAIT_BITSET, TID, time, 0), -EINVAL);
	assert_int_equal(call(FUTEX_WAIT | FUTEX_CLOCK_REALTIME, TID, time, 0),
			 -ENOSYS);
	assert_int_equal(call(FUTEX_REQUEUE, 2, 3, 0), 5);
	assert_int_equal(call(FUTEX_REQUEUE, UINT64_MAX, 3, 0), -EINVAL);
	assert_int_equal(call(FUTEX_LOCK_PI, 0, 0, 0), -ENOSYS);
	assert_int_equal(call(99, 0, 0, 0), -ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calculate),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_hostile_walk),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
