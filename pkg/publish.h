/* SPDX-License-Identifier: Apache-2.0 */
/* From a folder with a diver.json into the local registry, and out of it. */
#ifndef PKG_PUBLISH_H
#define PKG_PUBLISH_H

#include "pkg/release.h"

/**
 * publish_folder() - publish a version
 * @path: folder with a diver.json
 * @ret: what it is now; to be given to release_free()
 * @e: why not; nobody sees anything of it then
 *
 * Of the folder are taken: kernel, initrd and files of its diver.json.
 *
 * Return: 0 or -errno; -EEXIST: the version is something else already.
 */
int must_check publish_folder(const char *path, struct release *ret,
			      struct err *e);

/**
 * publish_pull() - a version from the local registry into the store
 * @ref: without a version the newest is taken, and written here
 * @ret: what it is; to be given to release_free()
 * @e: why not; nobody sees anything of it then
 *
 * Return: 0 or -errno; -ENOENT: there is none.
 */
int must_check publish_pull(struct ref *ref, struct release *ret,
			    struct err *e);

#endif
