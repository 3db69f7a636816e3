// SPDX-License-Identifier: Apache-2.0
// The local registry: what is in its index.
#include "pkg/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/place.h"
#include "pkg/dir.h"

#define VARIABLE  "DIVER_REGISTRY"
#define PLACE     "registry"
#define INDEX_MAX ((size_t)64 << 20)
#define KEY_REF   "org.opencontainers.image.ref.name"
#define INDEX_EMPTY                                                     \
	"{\"schemaVersion\":2,\"mediaType\":\"" LAYOUT_TYPE_INDEX "\"," \
	"\"manifests\":[]}"
#define LAYOUT_FILE "{\"imageLayoutVersion\":\"1.0.0\"}"

static bool is_there(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, 0) == 0;
}

/* The index comes last: with it, it is a registry. */
static int make(int dir, struct err *e)
{
	int fd, rc = 0;

	if (is_there(dir, "index.json"))
		return 0;
	fd = dir_make(dir, "blobs", e);
	if (fd < 0)
		return fd;
	close(fd);
	fd = dir_make(dir, "blobs/sha256", e);
	if (fd < 0)
		return fd;
	close(fd);
	rc = dir_write(dir, "oci-layout", LAYOUT_FILE, strlen(LAYOUT_FILE), e);
	return rc ? rc
		  : dir_write(dir, "index.json", INDEX_EMPTY,
			      strlen(INDEX_EMPTY), e);
}

static int check_version(int dir, struct err *e)
{
	const char *version = NULL;
	struct doc d = { .name = NULL };
	char *text;
	size_t size;
	int rc = dir_read(dir, "oci-layout", 4096, &text, &size, e);

	if (rc)
		return rc;
	rc = doc_parse(&d, "oci-layout", text, size, e);
	if (rc == 0)
		rc = doc_string(&d, d.root, "imageLayoutVersion", &version, e);
	if (rc == 0 && (!version || strcmp(version, "1.0.0") != 0))
		rc = doc_error(&d, d.root, e,
			       "not an image layout of version 1.0.0");
	doc_free(&d);
	free(text);
	return rc;
}

static int read_index(struct layout *l, struct err *e)
{
	const cJSON *list;
	size_t size;
	int rc = dir_read(l->dir, "index.json", INDEX_MAX, &l->text, &size, e);

	if (rc)
		return rc;
	rc = doc_parse(&l->index, "index.json", l->text, size, e);
	if (rc)
		return rc;
	rc = doc_object(&l->index, l->index.root, "manifests", true, &list, e);
	if (rc == 0 && !list)
		rc = doc_error(&l->index, l->index.root, e,
			       "\"manifests\" is missing");
	l->manifests = (cJSON *)(uintptr_t)list;
	return rc;
}

static int open_place(bool is_writer, struct err *e)
{
	const char *variable = getenv(VARIABLE);
	char *path;
	int dir;

	if (variable && *variable != '/')
		return err_set(e, -EINVAL,
			       VARIABLE " is to be an absolute path");
	path = variable ? strdup(variable) : place_data(PLACE, e);
	if (!path)
		return variable ? err_set(e, -ENOMEM, "no memory") : -EINVAL;
	dir = dir_open(path, is_writer, e);
	free(path);
	return dir;
}

int layout_open(struct layout *l, bool is_writer, struct err *e)
{
	int rc;

	*l = (struct layout){ .blobs = -1 };
	l->dir = open_place(is_writer, e);
	rc = l->dir < 0 ? l->dir : 0;
	if (rc == 0 && is_writer)
		rc = make(l->dir, e);
	if (rc == 0)
		rc = check_version(l->dir, e);
	if (rc == 0)
		rc = read_index(l, e);
	if (rc == 0) {
		l->blobs = openat(l->dir, "blobs/sha256",
				  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (l->blobs < 0)
			rc = err_set(e, -errno, "blobs/sha256: %s",
				     strerror(errno));
	}
	if (rc == 0)
		return 0;
	layout_close(l);
	if (rc == -ENOENT)
		return err_set(e, rc,
			       "there is no local registry; diver publish "
			       "makes it");
	return err_wrap(e, "the local registry");
}

void layout_close(struct layout *l)
{
	doc_free(&l->index);
	free(l->text);
	if (l->blobs >= 0)
		close(l->blobs);
	if (l->dir >= 0)
		close(l->dir);
	*l = (struct layout){ .dir = -1, .blobs = -1 };
}

int layout_descriptor(const struct doc *d, const cJSON *at,
		      struct descriptor *ret, struct err *e)
{
	const char *type = NULL, *digest = NULL;
	int rc;

	*ret = (struct descriptor){ .size = 0 };
	if (!cJSON_IsObject(at))
		return doc_error(d, at ? at : d->root, e,
				 "a descriptor is to be an object");
	rc = doc_string(d, at, "mediaType", &type, e);
	if (rc == 0)
		rc = doc_string(d, at, "digest", &digest, e);
	if (rc == 0)
		rc = doc_integer(d, at, "size", DOC_INTEGER_MAX, &ret->size, e);
	if (rc)
		return rc;
	if (!type || strlen(type) >= sizeof(ret->type))
		return doc_error(d, at, e, "a descriptor without a media type");
	if (!digest || !digest_is(digest))
		return doc_error(d, at, e,
				 "a descriptor without a digest by SHA-256");
	memcpy(ret->type, type, strlen(type) + 1);
	memcpy(ret->digest, digest, DIGEST_SIZE);
	return 0;
}

bool layout_entry(const struct layout *l, const cJSON *item, struct ref *ref,
		  struct descriptor *ret)
{
	const cJSON *notes =
		cJSON_GetObjectItemCaseSensitive(item, "annotations");
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(notes, KEY_REF);

	return cJSON_IsString(name) &&
	       ref_parse(name->valuestring, ':', ref, NULL) == 0 &&
	       ref->version[0] &&
	       layout_descriptor(&l->index, item, ret, NULL) == 0;
}

int layout_find(const struct layout *l, struct ref *ref, struct descriptor *ret,
		struct err *e)
{
	struct ref best = { .name = "" };
	const cJSON *item;

	cJSON_ArrayForEach(item, l->manifests)
	{
		struct descriptor d;
		struct ref r;

		if (!layout_entry(l, item, &r, &d) ||
		    strcmp(r.name, ref->name) != 0)
			continue;
		if (ref->version[0] ? !strcmp(r.version, ref->version)
				    : ref_is_better(r.version, best.version)) {
			best = r;
			*ret = d;
		}
	}
	if (!best.name[0])
		return err_set(e, -ENOENT,
			       "%s%s%s is not in the local registry; diver ls "
			       "--registry says what is",
			       ref->name, ref->version[0] ? "@" : "",
			       ref->version);
	*ref = best;
	return 0;
}

static int write_index(struct layout *l, struct err *e)
{
	char *text = cJSON_PrintUnformatted(l->index.root);
	int rc;

	if (!text)
		return err_set(e, -ENOMEM, "no memory for the index");
	rc = dir_write(l->dir, "index.json", text, strlen(text), e);
	cJSON_free(text);
	return rc;
}

static int append(struct layout *l, const struct ref *ref,
		  const struct descriptor *d, struct err *e)
{
	char name[REF_NAME_SIZE + REF_VERSION_SIZE];
	cJSON *item = cJSON_CreateObject();
	cJSON *notes;

	snprintf(name, sizeof(name), "%s:%s", ref->name, ref->version);
	if (!item || !cJSON_AddItemToArray(l->manifests, item)) {
		cJSON_Delete(item);
		return err_set(e, -ENOMEM, "no memory for the index");
	}
	if (!cJSON_AddStringToObject(item, "mediaType", d->type) ||
	    !cJSON_AddStringToObject(item, "digest", d->digest) ||
	    !cJSON_AddNumberToObject(item, "size", (double)d->size) ||
	    !(notes = cJSON_AddObjectToObject(item, "annotations")) ||
	    !cJSON_AddStringToObject(notes, KEY_REF, name))
		return err_set(e, -ENOMEM, "no memory for the index");
	return write_index(l, e);
}

int layout_tag(struct layout *l, const struct ref *ref,
	       const struct descriptor *d, struct err *e)
{
	struct ref found = *ref;
	struct descriptor old;

	if (layout_find(l, &found, &old, NULL) == 0) {
		if (!strcmp(old.digest, d->digest))
			return 0;
		return err_set(e, -EEXIST,
			       "%s@%s is published already, and is something "
			       "else; give this one another version, or diver "
			       "rm --registry %s@%s",
			       ref->name, ref->version, ref->name,
			       ref->version);
	}
	return append(l, ref, d, e);
}

int layout_untag(struct layout *l, const struct ref *ref, struct err *e)
{
	struct ref found = *ref;
	struct descriptor d;
	cJSON *item, *next;
	int rc = layout_find(l, &found, &d, e);

	if (rc)
		return rc;
	for (item = l->manifests->child; item; item = next) {
		next = item->next;
		if (layout_entry(l, item, &found, &d) &&
		    !strcmp(found.name, ref->name) &&
		    (!ref->version[0] || !strcmp(found.version, ref->version)))
			cJSON_Delete(
				cJSON_DetachItemViaPointer(l->manifests, item));
	}
	return write_index(l, e);
}
