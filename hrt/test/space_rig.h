/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of Minnow's program on the host: what it stands on is a table of
 * pages, a window of ordinary memory, a partner that only counts. Included once
 * by a test.
 */
#ifndef HRT_TEST_SPACE_RIG_H
#define HRT_TEST_SPACE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Guest code is in no host library. NOLINTBEGIN(bugprone-suspicious-include) */
#include "hrt/kernel/linux/piece.c"
#include "hrt/kernel/linux/vma.c"
#define remove range_remove
#include "hrt/kernel/linux/range.c"
#undef remove
#define access space_access
#include "hrt/kernel/linux/space.c"
#undef access
/* NOLINTEND(bugprone-suspicious-include) */

/* The program's addresses that are looked at: some pieces, and the window. */
#define SLOTS   13
#define PIECES  10
#define FIRST   (DIVE_PROGRAM_BASE + 3 * DIVE_PIECE)
#define PAGES   (SLOTS * DIVE_PIECE / PAGE_SIZE)
#define IN_SLOT (DIVE_PIECE / PAGE_SIZE)

/* What the page tables say: an address of 0 is a hole. */
struct entry {
	uint64_t pa;
	unsigned int rights;
};

static struct entry entries[PAGES];
static bool is_shared[SLOTS];
static struct dive_boot boot;
const struct dive_boot *boot_machine = &boot;
struct process process;

static size_t page_of(uintptr_t va)
{
	assert_true(va >= FIRST && va < FIRST + SLOTS * DIVE_PIECE);
	return (va - FIRST) / PAGE_SIZE;
}

/* --- what the memory of the program stands on -------------------------------- */

void *heap_alloc(size_t size)
{
	return calloc(1, size);
}

void heap_free(void *memory)
{
	free(memory);
}

void mutex_lock(struct mutex *mutex)
{
	assert_int_equal(mutex->word, 0);
	mutex->word = 1;
}

void mutex_unlock(struct mutex *mutex)
{
	assert_int_equal(mutex->word, 1);
	mutex->word = 0;
}

int page_map(uintptr_t va, uint64_t pa, size_t size, unsigned int rights)
{
	for (size_t at = 0; at < size; at += PAGE_SIZE) {
		struct entry *e = &entries[page_of(va + at)];

		assert_int_equal(e->pa, 0);
		*e = (struct entry){ pa + at, rights };
	}
	return 0;
}

void page_prune(void)
{
}

int page_unmap(uintptr_t va, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		entries[page_of(va + at)] = (struct entry){ 0 };
	return 0;
}

int page_protect(uintptr_t va, size_t size, unsigned int rights)
{
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		entries[page_of(va + at)].rights = rights;
	return 0;
}

/* As page.c does it: all side by side, with the same rights. */
int page_join(uintptr_t va)
{
	const struct entry *e = &entries[page_of(va)];

	for (size_t i = 0; i < IN_SLOT; i++)
		if (e[i].pa != e->pa + i * PAGE_SIZE || !e->pa ||
		    e[i].rights != e->rights)
			return -EINVAL;
	return 0;
}

bool page_allows(uintptr_t va, size_t size, unsigned int rights)
{
	(void)size;
	return entries[page_of(va)].pa &&
	       (entries[page_of(va)].rights & rights) == rights;
}

int channel_map(uintptr_t va, uint64_t offset, uint64_t size)
{
	for (size_t at = 0; at < size; at += DIVE_PIECE) {
		const struct piece *piece = piece_at(va + at);

		assert_non_null(piece);
		assert_int_equal(piece_offset(piece, va + at), offset + at);
		is_shared[page_of(va + at) / IN_SLOT] = true;
	}
	return 0;
}

struct dive_delegate *channel_area(void)
{
	return (struct dive_delegate *)(boot.window.start + DIVE_DELEGATE_AREA);
}

void call_count_fault(uint64_t cycles)
{
	(void)cycles;
}

void console_log(const char *format, ...)
{
	(void)format;
}

void process_exit(int status, int signal)
{
	(void)status;
	(void)signal;
	fail_msg("the program was ended");
	abort();
}

void dive_panic(const char *format, ...)
{
	fail_msg("%s", format);
	abort();
}

#endif
