/* SPDX-License-Identifier: Apache-2.0 */
/* The window as Linux shows it, and the room of the program. */
#ifndef HRT_PARTNER_WINDOW_H
#define HRT_PARTNER_WINDOW_H

#include "base/err.h"
#include "hrt/partner/partner.h"

/**
 * window_reserve() - keep the program's addresses free of all else
 * @p: begin and end say where
 * @err: set on failure
 *
 * Call it before anything else asks for memory.
 *
 * Return: 0, or -errno.
 */
must_check int window_reserve(const struct partner *p, struct err *err);

/**
 * window_find() - open the device of the window
 * @err: set on failure
 *
 * Return: file descriptor, or -errno.
 */
must_check int window_find(struct err *err);

/**
 * window_map() - map the area and what lies behind it
 * @p: gets area and size
 * @fd: devdax, or a file that is like it; borrowed, may be closed afterwards
 * @err: set on failure
 *
 * Return: 0; -EBUSY while it is of another program; or -errno.
 */
must_check int window_map(struct partner *p, int fd, struct err *err);

#endif
