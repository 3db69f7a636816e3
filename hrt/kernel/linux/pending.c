// SPDX-License-Identifier: Apache-2.0
// Stand-ins for what has not landed yet; the real ones replace them in the link.
#include <asm/errno.h>

#include "channel.h"
#include "process.h"
#include "signal.h"
#include "space.h"

#define WEAK __attribute__((weak))

void signal_block(uint64_t blocked);

WEAK struct process process;

WEAK int64_t call_linux(uint32_t nr, const uint64_t arg[6],
			struct call_cost *cost)
{
	(void)nr;
	(void)arg;
	(void)cost;
	return -ENOSYS;
}

WEAK bool space_allows(uintptr_t va, size_t size, unsigned int rights)
{
	(void)va;
	(void)size;
	(void)rights;
	return false;
}

WEAK bool space_string(uintptr_t va, size_t max, size_t *ret_length)
{
	(void)va;
	(void)max;
	(void)ret_length;
	return false;
}

WEAK bool space_read(void *to, uintptr_t va, size_t size)
{
	(void)to;
	(void)va;
	(void)size;
	return false;
}

WEAK bool space_write(uintptr_t va, const void *from, size_t size)
{
	(void)va;
	(void)from;
	(void)size;
	return false;
}

WEAK bool space_is_mapped(uintptr_t va)
{
	(void)va;
	return false;
}

WEAK int64_t sys_mmap(const uint64_t arg[6], struct frame *frame)
{
	(void)arg;
	(void)frame;
	return -ENOSYS;
}

WEAK void signal_block(uint64_t blocked)
{
	(void)blocked;
}

WEAK void signal_after_call(struct frame *frame, int64_t result)
{
	frame->rax = (uint64_t)result;
}
