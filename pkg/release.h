/* SPDX-License-Identifier: Apache-2.0 */
/* One version of a package as an OCI image: manifest and config. */
#ifndef PKG_RELEASE_H
#define PKG_RELEASE_H

#include "pkg/layout.h"
#include "pkg/package.h"

#define RELEASE_LAYERS_MAX  32
#define RELEASE_TYPE        "application/vnd.diver.package.v1" /* artifactType */
#define RELEASE_TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
#define RELEASE_TYPE_TAR    "application/vnd.oci.image.layer.v1.tar"
#define RELEASE_TYPE_GZIP   RELEASE_TYPE_TAR "+gzip"

/**
 * struct release - what a manifest says
 * @package: its fields
 * @manifest: the manifest itself
 * @text: its bytes, @manifest.size of them
 * @layer: tar files, from the first to the last
 * @layers: how many
 */
struct release {
	struct package package;
	struct descriptor manifest;
	char *text;
	struct descriptor layer[RELEASE_LAYERS_MAX];
	unsigned int layers;
};

/**
 * release_add() - config and manifest of a package with one layer
 * @l: open for writing
 * @p: the package
 * @layer: its files, an uncompressed tar
 * @ret: the manifest
 * @e: why not
 *
 * The same package and layer make the same manifest.
 *
 * Return: 0 or -errno.
 */
int must_check release_add(struct layout *l, const struct package *p,
			   const struct descriptor *layer,
			   struct descriptor *ret, struct err *e);

/**
 * release_read() - a manifest of the registry
 * @release: overwritten; release_free() on success
 * @l: open
 * @d: of the manifest
 * @ref: with a version; what it has to be
 * @e: what is wrong with it
 *
 * The fields are those of its annotations; if there is no kernel among these,
 * as with an image that podman has built, those of the labels in its config.
 *
 * Return: 0 or -errno.
 */
int must_check release_read(struct release *release, const struct layout *l,
			    const struct descriptor *d, const struct ref *ref,
			    struct err *e);

/**
 * release_parse() - a manifest from anywhere
 * @release: overwritten; release_free() on success; @release->manifest is the
 *	caller's to fill
 * @text: of the manifest; kept as @release->text on success
 * @size: of @text
 * @ret_config: where the labels are
 * @e: NAME:LINE:COLUMN: what is wrong with it
 *
 * Return: 0; -EINVAL, -ENOMEM. The fields may still be without a kernel.
 */
int must_check release_parse(struct release *release, char *text, size_t size,
			     struct descriptor *ret_config, struct err *e);

/**
 * release_free() - release it
 * @release: zeroed is allowed
 */
void release_free(struct release *release);

#endif
