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

#endif
