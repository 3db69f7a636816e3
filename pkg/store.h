/* SPDX-License-Identifier: Apache-2.0 */
/* The versions of packages that have been pulled: what dive runs. */
#ifndef PKG_STORE_H
#define PKG_STORE_H

#include <stdbool.h>

#include "pkg/release.h"

/*
 * store/NAME/VERSION/
 *	files/		as they were packed
 *	options		a word of dive's command line in each line
 *	diver.json	the fields of the package
 *	manifest.json	the bytes whose digest names it
 * store/NAME/.newest	link to the version that NAME alone means
 */

/**
 * store_open() - open the store, and wait for those who change it
 * @is_writer: make it if it is not there; nobody else may have it open then
 * @e: why not; -ENOENT when a reader finds none
 *
 * What a killed writer has left is removed by the next one.
 *
 * Return: a descriptor, to be closed; or -errno.
 */
int must_check store_open(bool is_writer, struct err *e);

/**
 * store_put() - make a version appear, or take the place of itself
 * @store: open for writing
 * @l: open; its blobs are checked
 * @release: of @l
 * @e: why not; nothing has changed then
 *
 * Return: 0 or -errno.
 */
int must_check store_put(int store, const struct layout *l,
			 const struct release *release, struct err *e);

/**
 * store_remove() - remove versions
 * @store: open for writing
 * @ref: without a version all of them
 * @e: -ENOENT: there is none
 *
 * Return: 0 or -errno.
 */
int must_check store_remove(int store, const struct ref *ref, struct err *e);

/**
 * store_read() - what is said of a version
 * @store: open
 * @ref: without a version the one that NAME means, which is written here
 * @ret: to be given to release_free()
 * @e: -ENOENT: it is not there
 *
 * Return: 0 or -errno.
 */
int must_check store_read(int store, struct ref *ref, struct release *ret,
			  struct err *e);

/**
 * store_list() - all versions
 * @store: open
 * @ret: sorted by name, the newest version first; to be freed
 * @ret_count: how many
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check store_list(int store, struct ref **ret, size_t *ret_count,
			  struct err *e);

#endif
