/* SPDX-License-Identifier: Apache-2.0 */
/* Files in memory, and rights as Linux names them. */
#ifndef MINNOW_LINUX_MAP_H
#define MINNOW_LINUX_MAP_H

#include <stddef.h>
#include <stdint.h>

/**
 * map_rights() - rights of a page
 * @prot: PROT_*
 *
 * Return: PAGE_*.
 */
uint32_t map_rights(uint64_t prot);

/**
 * map_copy() - copy a part of a file over a fresh range
 * @fd: of the partner
 * @offset: in the file
 * @va: of the range, which is zero
 * @size: bytes; what lies behind the file's end stays zero
 *
 * Return: 0, or the error that mmap() would give.
 */
int64_t map_copy(int fd, uint64_t offset, uintptr_t va, size_t size);

#endif
