// SPDX-License-Identifier: Apache-2.0
// Memory in large pages, where the host gives them.
#include "base/huge.h"

#include <stddef.h>
#include <sys/mman.h>

#include "base/clock.h"

/* Newer than the C library's. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* More than it takes, unless memory in small pieces has to be moved first. */
#define FILL_NS UINT64_C(200000000)

#define PAGE_2M ((uintptr_t)2 << 20)

void *huge_map(uint64_t size, int flags, int fd)
{
	const int rights = PROT_READ | PROT_WRITE;
	uintptr_t room, at;
	char *map;

	/* Room to choose in. */
	map = mmap(NULL, size + PAGE_2M, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return map;
	room = (uintptr_t)map;
	at = (room + PAGE_2M - 1) & ~(PAGE_2M - 1);
	munmap(map, at - room);
	munmap(map + (at - room) + size, room + PAGE_2M - at);
	map = mmap(map + (at - room), size, rights, flags | MAP_FIXED, fd, 0);
	if (map != MAP_FAILED)
		(void)madvise(map, size, MADV_HUGEPAGE);
	return map;
}

void huge_fill(void *map, uint64_t size)
{
	uint64_t end_ns = clock_now_ns() + FILL_NS;
	char *at = map;

	/* Where there is nothing at all Linux sees nothing to collapse. */
	for (; size >= PAGE_2M; at += PAGE_2M, size -= PAGE_2M)
		if (madvise(at, 4096, MADV_POPULATE_WRITE) ||
		    madvise(at, PAGE_2M, MADV_COLLAPSE) ||
		    clock_now_ns() > end_ns)
			return;
}
