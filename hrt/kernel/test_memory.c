// SPDX-License-Identifier: Apache-2.0
// Tests of RAM, heap, page tables and the shootdown.
#include <asm/errno.h>

#include "cpu.h"
#include "guard.h"
#include "heap.h"
#include "page.h"
#include "ram.h"
#include "sched.h"
#include "test.h"
#include "wait.h"

/* Far from all RAM. */
#define WINDOW 0x10000000000ull
#define GIB    (1ull << 30)

#define BLOCKS  40
#define OBJECTS 200

/* The free blocks: what is freed must have joined again, too. */
struct free_blocks {
	uint64_t of[RAM_ORDERS];
};

static struct free_blocks count_free(void)
{
	struct free_blocks now = { { 0 } };

	ram_count(now.of);
	return now;
}

static bool is_free_again(struct free_blocks before)
{
	struct free_blocks now = count_free();

	return !memcmp(&now, &before, sizeof(now));
}

static void test_ram(void)
{
	struct free_blocks before = count_free();
	bool aligned = true, kept = true;
	uint64_t *blocks[BLOCKS];

	for (unsigned int i = 0; i < BLOCKS; i++) {
		unsigned int order = i % 7;
		size_t words = (RAM_PAGE << order) / sizeof(uint64_t);

		blocks[i] = ram_alloc(order);
		if (!blocks[i]) {
			test_ok(false, "ram: there are blocks");
			return;
		}
		aligned &= (uintptr_t)blocks[i] % (RAM_PAGE << order) == 0;
		blocks[i][0] = blocks[i][words - 1] = i;
	}
	for (unsigned int i = 0; i < BLOCKS; i++) {
		size_t words = (RAM_PAGE << i % 7) / sizeof(uint64_t);

		kept &= blocks[i][0] == i && blocks[i][words - 1] == i;
	}
	for (unsigned int i = 0; i < BLOCKS; i++)
		ram_free(blocks[i * 7 % BLOCKS]);
	test_ok(aligned, "ram: blocks are aligned to their size");
	test_ok(kept, "ram: no two blocks overlap");
	test_ok(is_free_again(before), "ram: what is freed is free");
	test_ok(!ram_alloc(RAM_ORDERS), "ram: too large a block is refused");
}

static void test_heap(void)
{
	struct free_blocks before = count_free();
	bool zeroed = true, kept = true;
	uint8_t *objects[OBJECTS];

	for (unsigned int i = 0; i < OBJECTS; i++) {
		size_t size = 1 + i * 37 % 3000;

		objects[i] = heap_alloc(size);
		if (!objects[i]) {
			test_ok(false, "heap: there is memory");
			return;
		}
		zeroed &= !objects[i][0] && !objects[i][size - 1];
		memset(objects[i], (int)i, size);
	}
	for (unsigned int i = 0; i < OBJECTS; i++) {
		size_t size = 1 + i * 37 % 3000;

		kept &= objects[i][0] == i && objects[i][size - 1] == i;
		heap_free(objects[i]);
	}
	test_ok(zeroed, "heap: memory is zeroed");
	test_ok(kept, "heap: no two objects overlap");
	test_ok(is_free_again(before), "heap: empty pages are given back");
}

/* What the fault hook saw, and the rights that it gives the page then. */
static struct {
	unsigned int count;
	uintptr_t address;
	uint64_t error;
	unsigned int rights;
} fault;

static bool on_fault(struct frame *frame, uint64_t address)
{
	uintptr_t page = address & ~(PAGE_SIZE - 1);

	fault.count++;
	fault.address = address;
	fault.error = frame->error;
	/* A second one would be the same again. */
	return fault.count == 1 && !page_protect(page, PAGE_SIZE, fault.rights);
}

static bool faulted(const volatile void *address, uint64_t error)
{
	bool so = fault.count == 1 && fault.address == (uintptr_t)address &&
		  (fault.error & (FAULT_WRITE | FAULT_EXEC)) == error;

	fault.count = 0;
	return so;
}

/* With the window mapped: rights of small pages in it. */
static void test_rights(volatile uint32_t *window)
{
	/* mov $42, %eax; ret */
	static const uint8_t code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	volatile uint32_t *page = window + 5 * PAGE_SIZE / sizeof(*page);
	uintptr_t at = (uintptr_t)page;
	int (*function)(void) = (int (*)(void))(at + 64);

	*page = 1; /* the CPU knows how to write to it, from now on */
	page_protect(at, PAGE_SIZE, PAGE_READ);
	test_ok(page_allows(WINDOW, 5 * PAGE_SIZE, PAGE_WRITE) &&
			page_allows(at, PAGE_SIZE, PAGE_READ) &&
			!page_allows(at, 1, PAGE_WRITE) &&
			page_allows(at + PAGE_SIZE, PAGE_SIZE, PAGE_WRITE),
		"page: a large page is split for its neighbours' sake");
	fault.rights = PAGE_WRITE;
	*page = 7;
	test_ok(faulted(page, FAULT_WRITE) && *page == 7,
		"page: a write to a read-only page faults and is repeated");
	page_protect(at, PAGE_SIZE, 0);
	fault.rights = PAGE_WRITE;
	test_ok(page[0] == 7 && faulted(page, 0),
		"page: without rights it faults, and keeps its contents");
	memcpy((void *)(at + 64), code, sizeof(code));
	fault.rights = PAGE_EXEC;
	test_ok(function() == 42 && faulted((void *)function, FAULT_EXEC),
		"page: code needs the right to run");
}

/* With the window mapped in small pages of several rights. */
static void test_join(volatile uint32_t *window)
{
	uint64_t before, after, free[RAM_ORDERS];

	test_ok(page_join(WINDOW) == -EINVAL,
		"page: pages with different rights stay small");
	page_protect(WINDOW, PAGE_2M, PAGE_WRITE);
	before = ram_count(free);
	test_ok(!page_join(WINDOW),
		"page: those with the same rights become a large one");
	test_ok(!page_join(WINDOW), "page: ... once");
	after = ram_count(free);
	test_ok(after == before + RAM_PAGE && window[1000] == 42 &&
			page_allows(WINDOW, PAGE_2M, PAGE_WRITE),
		"page: ... which takes a table less, and has the same contents");
	test_ok(page_join(WINDOW + PAGE_SIZE) == -EINVAL &&
			page_join(WINDOW + PAGE_2M) == -EINVAL,
		"page: nothing else becomes a large one");
}

/* With the window not mapped. */
static void test_guard(void)
{
	uint32_t *word = (uint32_t *)WINDOW, value = 1, zero = 0;

	test_ok(!guard_read(word, &value) && value == 1 &&
			!guard_exchange(word, &value, 2),
		"guard: a word that is not there is an answer");
	test_ok(wait_on(word, 0, CLOCK_NEVER) == -EFAULT &&
			wait_requeue(word, word, 1, 0, &zero) == -EFAULT,
		"guard: nobody waits for it");
	test_ok(guard_read(&value, &zero) && zero == 1 &&
			guard_exchange(&value, &zero, 2) && zero == 1 &&
			guard_exchange(&value, &zero, 3) && zero == 2 &&
			value == 2,
		"guard: one that is there is read and exchanged");
}

/* With nothing mapped from the window on. */
static void test_prune(uintptr_t block)
{
	struct free_blocks before;
	bool is_good = true;

	page_prune();
	before = count_free();
	for (uintptr_t va = WINDOW; va < WINDOW + 4 * GIB; va += GIB)
		is_good &= !page_map(va, block, PAGE_SIZE, PAGE_WRITE) &&
			   !page_unmap(va, PAGE_SIZE);
	test_ok(is_good && !is_free_again(before),
		"page: its tables stay where a page was");
	page_prune();
	test_ok(is_free_again(before), "page: ... until they are pruned");
}

static void test_page(void)
{
	static const struct thread_ops ops = { .fault = on_fault };
	volatile uint32_t *window = (volatile uint32_t *)WINDOW;
	uint32_t *block = ram_alloc(RAM_2M);
	uint64_t pa = 0;

	if (!block) {
		test_ok(false, "page: there is a block of 2 MiB");
		return;
	}
	thread_current()->ops = &ops;
	fault.count = 0;
	test_ok(!page_map(WINDOW, (uintptr_t)block, PAGE_2M, PAGE_WRITE),
		"page: a large page is mapped");
	window[1000] = 42;
	test_ok(block[1000] == 42 && page_find(WINDOW + 8, &pa) >= 0 &&
			pa == (uintptr_t)block + 8,
		"page: both addresses are the same memory");
	test_ok(page_map(WINDOW + PAGE_SIZE, 0, PAGE_SIZE, 0) == -EEXIST &&
			page_map((uintptr_t)block, 0, PAGE_SIZE, 0) == -EEXIST,
		"page: nothing is mapped twice");
	test_ok(page_map(WINDOW + 1, 0, PAGE_SIZE, 0) == -EINVAL &&
			page_map(PAGE_VA_END, 0, PAGE_SIZE, 0) == -EINVAL,
		"page: bad ranges are refused");
	test_rights(window);
	test_join(window);
	test_ok(!page_unmap(WINDOW, PAGE_2M) &&
			page_find(WINDOW, NULL) == -EFAULT &&
			!page_allows(WINDOW, 1, 0),
		"page: unmapped is a hole");
	test_ok(!page_map(WINDOW, (uintptr_t)block, PAGE_2M, PAGE_WRITE) &&
			window[1000] == 42 && !page_unmap(WINDOW, PAGE_2M),
		"page: a large page fits where small ones were");
	test_prune((uintptr_t)block);
	test_guard();
	test_ok(fault.count == 0, "page: no fault but those");
	thread_current()->ops = NULL;
	ram_free(block);
}

/* Readers on every other CPU, which follow the window from page to page. */
enum {
	ROUNDS = 5
};
static uint32_t round_now, answers, wrong;

static void follow(void *arg)
{
	const volatile uint32_t *window = arg;

	for (uint32_t i = 1; i <= ROUNDS; i++) {
		while (__atomic_load_n(&round_now, __ATOMIC_ACQUIRE) != i)
			sched_yield();
		if (*window != i)
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&answers, 1, __ATOMIC_RELEASE);
	}
}

static void test_flush(void)
{
	uint32_t *pages = ram_alloc(ram_order((ROUNDS + 1) * PAGE_SIZE));
	static struct thread *readers[DIVE_CPUS_MAX];
	bool mapped = true;

	round_now = wrong = 0;
	/* Now: the first touch of a page may make a hypervisor flush as well. */
	for (uint32_t i = 1; pages && i <= ROUNDS; i++)
		pages[i * PAGE_SIZE / sizeof(*pages)] = i;
	for (unsigned int i = 0; pages && i < cpu_count; i++)
		readers[i] = test_start(follow, (void *)WINDOW, (int)i);
	for (uint32_t i = 1; pages && i <= ROUNDS; i++) {
		uint32_t *page = pages + i * PAGE_SIZE / sizeof(*page);

		page_unmap(WINDOW, PAGE_SIZE);
		mapped &= !page_map(WINDOW, (uintptr_t)page, PAGE_SIZE,
				    PAGE_READ);
		answers = 0;
		__atomic_store_n(&round_now, i, __ATOMIC_RELEASE);
		while (__atomic_load_n(&answers, __ATOMIC_ACQUIRE) < cpu_count)
			sched_yield();
	}
	for (unsigned int i = 0; pages && i < cpu_count; i++)
		thread_join(readers[i]);
	page_unmap(WINDOW, PAGE_SIZE);
	test_ok(pages && mapped && !wrong,
		"flush: every CPU sees what is mapped now");
	ram_free(pages);
}

const struct test test_memory[] = { { "ram", false, test_ram },
				    { "heap", false, test_heap },
				    { "page", false, test_page },
				    { "flush", false, test_flush },
				    { 0 } };
