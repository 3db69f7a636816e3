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
 * huge_file() - shared memory in large pages
 * @name: to be seen in /proc, when it has small ones
 * @size: bytes
 *
 * Linux asks the host's shmem_enabled for most shared memory, and by default
 * that says never. A tmpfs is asked itself, so the file is on one of its own,
 * which goes when the file does. Where even a user namespace is forbidden it is
 * a memfd; that is sealed, as who shortens shared memory kills those who use
 * it. A file of a tmpfs cannot be sealed: daemons that have it are trusted so
 * far.
 *
 * Return: a descriptor, or -errno.
 */
int huge_file(const char *name, uint64_t size);

#endif
