/* SPDX-License-Identifier: Apache-2.0 */
/* Are the blobs of the local registry whole, and does anybody need them? */
#ifndef PKG_COLLECT_H
#define PKG_COLLECT_H

#include "pkg/layout.h"

/**
 * struct collect_listener - who is told of blobs
 * @tell: called with @arg, the digest of a blob, and what is about it
 * @arg: of the caller
 */
struct collect_listener {
	void (*tell)(void *arg, const char *blob, const char *what);
	void *arg;
};

/**
 * collect_check() - read every blob, and look for what is missing
 * @l: open
 * @to: told of each blob that is damaged or missing
 * @e: there were some
 *
 * Return: 0; -EINVAL when there were some; -errno.
 */
int must_check collect_check(struct layout *l,
			     const struct collect_listener *to, struct err *e);

/**
 * collect_remove() - remove the blobs that nothing in the index leads to
 * @l: open for writing
 * @to: told of each of them
 * @e: why not; a manifest that cannot be read: nothing was removed
 *
 * Return: 0 or -errno.
 */
int must_check collect_remove(struct layout *l,
			      const struct collect_listener *to, struct err *e);

#endif
