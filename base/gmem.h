/* SPDX-License-Identifier: Apache-2.0 */
/* Guest-physical memory mapped here: the only pointer arithmetic on it. */
#ifndef BASE_GMEM_H
#define BASE_GMEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

typedef uint64_t gpa_t; /* guest-physical address */
typedef uint64_t gva_t; /* guest-virtual address */

#define GMEM_REGIONS_MAX 16

/**
 * struct gmem_region - one contiguous piece of guest memory
 * @gpa: first guest-physical address
 * @size: bytes
 * @host: where it is mapped in this process; borrowed
 * @readonly: the guest cannot write it (this process can)
 */
struct gmem_region {
	gpa_t gpa;
	uint64_t size;
	uint8_t *host;
	bool readonly;
};

/**
 * struct gmem - regions in ascending order, not overlapping
 * @count: regions in use
 * @region: the regions
 */
struct gmem {
	unsigned int count;
	struct gmem_region region[GMEM_REGIONS_MAX];
};

/**
 * gmem_add() - add a region
 * @m: zeroed before the first call
 * @r: copied; r->host stays the caller's
 * @e: says what overlaps
 *
 * Return: 0; -EINVAL for an empty, overflowing or overlapping region or when
 * GMEM_REGIONS_MAX is reached.
 */
int must_check gmem_add(struct gmem *m, const struct gmem_region *r,
			struct err *e);

/**
 * gmem_ptr() - host address of a guest range
 * @m: guest memory
 * @gpa: first address
 * @size: bytes; 0 is valid inside a region
 *
 * Adjacent regions that are also adjacent in this process count as one.
 *
 * Return: pointer to @size bytes, NULL when the range is not all memory. The
 * guest may change the bytes at any time: copy once, then validate.
 */
void *gmem_ptr(const struct gmem *m, gpa_t gpa, uint64_t size);

/**
 * gmem_write() - copy into guest memory
 * @m: guest memory
 * @gpa: destination
 * @from: source, in this process
 * @size: bytes
 *
 * Return: 0, or -EFAULT with nothing written.
 */
int must_check gmem_write(const struct gmem *m, gpa_t gpa, const void *from,
			  uint64_t size);

/**
 * gmem_read() - copy out of guest memory
 * @m: guest memory
 * @gpa: source
 * @to: destination, in this process
 * @size: bytes
 *
 * Return: 0, or -EFAULT with nothing read.
 */
int must_check gmem_read(const struct gmem *m, gpa_t gpa, void *to,
			 uint64_t size);

#endif
