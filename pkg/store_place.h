/* SPDX-License-Identifier: Apache-2.0 */
/* Names in the store, for those who write it. */
#ifndef PKG_STORE_PLACE_H
#define PKG_STORE_PLACE_H

#include "base/err.h"

#define STORE_NEW    ".new" /* one writer, one version at a time */
#define STORE_OLD    ".old"
#define STORE_NEWEST ".newest"

/**
 * store_set_newest() - let NAME alone mean the newest version there is
 * @store: open for writing
 * @name: of the package; its folder goes with the last version
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check store_set_newest(int store, const char *name, struct err *e);

#endif
