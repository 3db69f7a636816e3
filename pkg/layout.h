/* SPDX-License-Identifier: Apache-2.0 */
/* The local registry: an OCI image layout (image-spec 1.1, image-layout.md). */
#ifndef PKG_LAYOUT_H
#define PKG_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "pkg/digest.h"
#include "pkg/doc.h"
#include "pkg/ref.h"

#define LAYOUT_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define LAYOUT_TYPE_INDEX    "application/vnd.oci.image.index.v1+json"
#define LAYOUT_JSON_MAX      ((size_t)4 << 20)

/**
 * struct descriptor - what the image spec calls so
 * @type: media type
 * @digest: of the bytes
 * @size: of the bytes
 */
struct descriptor {
	char type[128];
	char digest[DIGEST_SIZE];
	uint64_t size;
};

/**
 * struct layout - the registry, open and locked
 * @dir: its folder
 * @blobs: blobs/sha256 in it
 * @text: of index.json
 * @index: the same, read
 * @manifests: array in @index
 */
struct layout {
	int dir;
	int blobs;
	char *text;
	struct doc index;
	cJSON *manifests;
};

/**
 * layout_open() - open it, and wait for those who change it
 * @l: overwritten; layout_close() on success
 * @is_writer: make it if it is not there; nobody else may have it open then
 * @e: why not; -ENOENT when a reader finds none
 *
 * It is where DIVER_REGISTRY says, an absolute path, else among the data of the
 * user. What a killed writer has left is removed by the next one.
 *
 * Return: 0 or -errno.
 */
int must_check layout_open(struct layout *l, bool is_writer, struct err *e);

/**
 * layout_close() - close it
 * @l: of layout_open(); zeroed is not allowed
 */
void layout_close(struct layout *l);

/**
 * layout_descriptor() - read one
 * @d: document it is in
 * @at: object
 * @ret: written on success
 * @e: NAME:LINE:COLUMN: what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
int must_check layout_descriptor(const struct doc *d, const cJSON *at,
				 struct descriptor *ret, struct err *e);

/**
 * layout_begin() - a file that will be a blob
 * @l: open for writing; one file at a time
 * @e: why not
 *
 * Return: a descriptor to write to, for layout_end(); or -errno.
 */
int must_check layout_begin(struct layout *l, struct err *e);

/**
 * layout_end() - make it one
 * @l: open for writing
 * @fd: of layout_begin(); closed, also on failure
 * @ret: its digest and size; the type stays
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check layout_end(struct layout *l, int fd, struct descriptor *ret,
			  struct err *e);

/**
 * layout_add() - a blob from memory
 * @l: open for writing
 * @bytes: of it
 * @size: of them
 * @ret: its digest and size; the type stays
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check layout_add(struct layout *l, const void *bytes, size_t size,
			  struct descriptor *ret, struct err *e);

/**
 * layout_blob() - open a blob that is what its descriptor says
 * @l: open
 * @d: of the blob
 * @e: why not: it is not there, has another size or other bytes
 *
 * Return: a descriptor at its beginning, for reading; or -errno.
 */
int must_check layout_blob(const struct layout *l, const struct descriptor *d,
			   struct err *e);

/**
 * layout_read() - such a blob into memory
 * @l: open
 * @d: of the blob; at most LAYOUT_JSON_MAX bytes
 * @ret: to be freed
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check layout_read(const struct layout *l, const struct descriptor *d,
			   char **ret, struct err *e);

/**
 * layout_entry() - what an element of the index names
 * @l: open
 * @item: element of @l->manifests
 * @ref: written when it is the name of a package
 * @ret: written then, too
 *
 * Return: false for what is something else: not ours, and left alone.
 */
bool layout_entry(const struct layout *l, const cJSON *item, struct ref *ref,
		  struct descriptor *ret);

/**
 * layout_find() - a version of a package
 * @l: open
 * @ref: without a version the newest is taken, and written here
 * @ret: its manifest
 * @e: -ENOENT: there is none
 *
 * Return: 0 or -ENOENT.
 */
int must_check layout_find(const struct layout *l, struct ref *ref,
			   struct descriptor *ret, struct err *e);

/**
 * layout_tag() - let a version be a manifest; the last step of publishing
 * @l: open for writing; not to be used for anything else then
 * @ref: with a version
 * @d: of the manifest
 * @e: -EEXIST: it is another one already
 *
 * Return: 0, also when it is that one already; -errno.
 */
int must_check layout_tag(struct layout *l, const struct ref *ref,
			  const struct descriptor *d, struct err *e);

/**
 * layout_untag() - forget versions; the blobs stay
 * @l: open for writing; not to be used for anything else then
 * @ref: without a version all of them
 * @e: -ENOENT: there is none
 *
 * Return: 0 or -errno.
 */
int must_check layout_untag(struct layout *l, const struct ref *ref,
			    struct err *e);

#endif
