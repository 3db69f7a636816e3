/* SPDX-License-Identifier: Apache-2.0 */
/* What people write: sizes, numbers, durations, CPU lists; nothing overflows. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/**
 * units_number() - decimal or 0x number
 * @text: the whole of it must be the number
 * @max: largest value allowed
 * @ret: written on success
 * @e: says what is wrong with @text
 *
 * Return: 0, or -EINVAL.
 */
int must_check units_number(const char *text, uint64_t max, uint64_t *ret,
			    struct err *e);

/**
 * units_size() - number of bytes, with K, M, G or T for powers of 1024
 * @text: "4096", "0x1000", "64k", "256M", "1G"
 * @ret: bytes, written on success; may be 0
 * @e: says what is wrong with @text
 *
 * Return: 0, or -EINVAL.
 */
int must_check units_size(const char *text, uint64_t *ret, struct err *e);

/**
 * units_size_at() - SIZE[@BASE]
 * @text: "256M", "64M@0x60000000", "1G@2G"
 * @ret_size: bytes; not 0
 * @ret_base: written on success, 0 when not given; size + base does not wrap
 * @e: says what is wrong with @text
 *
 * Return: 0, or -EINVAL.
 */
int must_check units_size_at(const char *text, uint64_t *ret_size,
			     uint64_t *ret_base, struct err *e);

/**
 * units_seconds() - seconds with an optional fraction
 * @text: "5", "0.25", ".5"; digits behind the ninth are dropped
 * @ret_ns: nanoseconds, written on success
 * @e: says what is wrong with @text
 *
 * Return: 0, or -EINVAL.
 */
int must_check units_seconds(const char *text, uint64_t *ret_ns, struct err *e);

/**
 * units_cpu_list() - list of CPU numbers in the order written
 * @text: "3", "0-2,8"; a number may not come twice
 * @list: room for @max numbers; contents undefined on failure
 * @max: entries at @list
 * @ret_count: numbers found, at least 1; written on success
 * @e: says what is wrong with @text
 *
 * Return: 0, or -EINVAL.
 */
int must_check units_cpu_list(const char *text, unsigned int *list,
			      unsigned int max, unsigned int *ret_count,
			      struct err *e);

#endif
