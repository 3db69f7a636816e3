// SPDX-License-Identifier: Apache-2.0
// The heap that a program moves the end of.
#include "../wait.h"
#include "range.h"
#include "space.h"

static struct mutex lock;
static uintptr_t start, end;

static uintptr_t page_of(uintptr_t va)
{
	return (va + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

void space_set_brk(uintptr_t va)
{
	start = end = va;
}

static bool set_end(uintptr_t wanted)
{
	uintptr_t now = page_of(end), next = page_of(wanted);
	struct space_request r = { .va = now,
				   .size = next - now,
				   .rights = PAGE_READ | PAGE_WRITE,
				   .is_fixed = true };

	if (next > now)
		return space_map(&r) >= 0;
	return next == now || !space_unmap(next, now - next);
}

int64_t sys_brk(const uint64_t arg[6], struct frame *frame)
{
	int64_t ret;

	(void)frame;
	mutex_lock(&lock);
	if (arg[0] >= start && arg[0] < DIVE_PROGRAM_END && set_end(arg[0]))
		end = arg[0];
	ret = (int64_t)end;
	mutex_unlock(&lock);
	return ret;
}
