/* SPDX-License-Identifier: Apache-2.0 */
/* Memory in large pages, where the host gives them. */
#ifndef BASE_HUGE_H
#define BASE_HUGE_H

#include <stdint.h>

/**
 * huge_map() - mmap() such that large pages are possible, and asked for
 * @size: bytes, whole pages
 * @flags: MAP_*
 * @fd: shared memory, from its beginning; -1 with MAP_ANONYMOUS
 *
 * It begins at a multiple of 2 MiB: so does the memory of a machine, and only
 * then a page of the host can be one of the machine's. A page fault of a guest
 * costs far more than one of a process.
 *
 * Return: as mmap(); munmap() it.
 */
void *huge_map(uint64_t size, int flags, int fd);

/**
 * huge_fill() - large pages for shared memory, now
 * @map: as huge_map() returned it
 * @size: bytes of it that get their pages
 *
 * For what will be written soon, all of it. Shared memory has large pages by
 * itself only where shmem_enabled (Linux, transhuge.rst) says so, which it
 * seldom does; this is the way that it does not govern (Linux 6.1). It goes on
 * for 0.2 s at most, and does nothing where Linux cannot.
 */
void huge_fill(void *map, uint64_t size);

#endif
