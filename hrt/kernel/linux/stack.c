// SPDX-License-Identifier: Apache-2.0
// argc, argv, environment and auxiliary vector (System V ABI AMD64, 3.4.1).
#include "stack.h"

#include <asm/unistd.h>
#include <linux/auxvec.h>

#include "../cpu.h"
#include "../fpu.h"
#include "../heap.h"
#include "channel.h"
#include "load.h"
#include "process.h"
#include "range.h"

#define STACK_BYTES  0x800000
#define RANDOM_BYTES 16
#define TICKS        100 /* of times(), per second */
#define HEADER_SIZE  56  /* of a program header */
/* A frame for a signal handler besides the vector registers. */
#define SIGNAL_FRAME 1024

#define CPUID_FEATURES 1

static bool put(struct stack *stack, const void *from, size_t size)
{
	stack->sp -= size;
	return space_write(stack->sp, from, size);
}

bool stack_begin(struct stack *stack, const struct job *job)
{
	static const char platform[] = "x86_64", end[8];
	struct space_request r = { .va = SPACE_STACK - STACK_BYTES,
				   .size = STACK_BYTES,
				   .rights = PAGE_READ | PAGE_WRITE,
				   .is_fixed = true,
				   .is_reserve = true };

	if (space_map(&r) < 0)
		return false;
	stack->sp = SPACE_STACK;
	if (!put(stack, end, sizeof(end)) ||
	    !put(stack, job->path, strlen(job->path) + 1))
		return false;
	stack->path = stack->sp;
	if (!put(stack, job->words, job->words_size))
		return false;
	stack->words = stack->sp;
	if (!put(stack, platform, sizeof(platform)))
		return false;
	stack->platform = stack->sp;
	stack->sp = (stack->sp - RANDOM_BYTES) & ~15ull;
	stack->random = stack->sp;
	return true;
}

static uint64_t ask(uint32_t nr)
{
	static const uint64_t nothing[6];

	return (uint64_t)call_linux_surely(nr, nothing);
}

static void get_random(uintptr_t at)
{
	const uint64_t arg[6] = { at, RANDOM_BYTES };

	/* Without it they are zero, and the program goes on. */
	if (space_allows(at, RANDOM_BYTES, PAGE_WRITE))
		call_linux_surely(__NR_getrandom, arg);
}

/* Addresses of strings that lie one behind the other. */
static uint64_t *put_addresses(uint64_t *to, const char **text,
			       const struct stack *stack, const struct job *job,
			       uint32_t count)
{
	while (count--) {
		*to++ = stack->words + (uintptr_t)(*text - job->words);
		*text += strlen(*text) + 1;
	}
	*to++ = 0;
	return to;
}

bool stack_finish(struct stack *stack, const struct job *job,
		  const struct image *program, const struct image *interp)
{
	uint32_t cpu[4];
	const uint64_t aux[] = {
		AT_PHDR,
		program->headers,
		AT_PHENT,
		HEADER_SIZE,
		AT_PHNUM,
		program->header_count,
		AT_PAGESZ,
		PAGE_SIZE,
		AT_BASE,
		interp->base,
		AT_FLAGS,
		0,
		AT_ENTRY,
		program->entry,
		AT_UID,
		ask(__NR_getuid),
		AT_EUID,
		ask(__NR_geteuid),
		AT_GID,
		ask(__NR_getgid),
		AT_EGID,
		ask(__NR_getegid),
		AT_SECURE,
		0,
		AT_CLKTCK,
		TICKS,
		AT_RANDOM,
		stack->random,
		AT_EXECFN,
		stack->words + (uintptr_t)(job->name - job->words),
		AT_PLATFORM,
		stack->platform,
		AT_HWCAP,
		(cpu_id(CPUID_FEATURES, 0, cpu), cpu[3]),
		AT_HWCAP2,
		0,
		AT_MINSIGSTKSZ,
		fpu_size() + SIGNAL_FRAME,
		AT_NULL,
		0,
	};
	size_t count = 1 + job->argc + 1ul + job->envc + 1;
	size_t size = count * sizeof(uint64_t) + sizeof(aux);
	uint64_t *vectors = heap_alloc(size), *at = vectors;
	const char *text = job->words;
	bool is_good;

	if (!vectors)
		return false;
	get_random(stack->random);
	*at++ = job->argc;
	at = put_addresses(at, &text, stack, job, job->argc);
	at = put_addresses(at, &text, stack, job, job->envc);
	memcpy(at, aux, sizeof(aux));
	stack->sp = (stack->sp - size) & ~15ull;
	is_good = space_write(stack->sp, vectors, size);
	heap_free(vectors);
	return is_good;
}
