// SPDX-License-Identifier: Apache-2.0
// Memory in large pages, where the host gives them.
#include "base/huge.h"

#include <stddef.h>
#include <sys/mman.h>

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
