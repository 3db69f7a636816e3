// SPDX-License-Identifier: Apache-2.0
// The versions of packages that have been pulled: what there is.
#include "pkg/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/place.h"
#include "pkg/dir.h"
#include "pkg/store_place.h"

int store_open(bool is_writer, struct err *e)
{
	char *path = place_data("store", e);
	int store = path ? dir_open(path, is_writer, e) : -EINVAL;
	int rc;

	free(path);
	if (store == -ENOENT)
		return err_set(e, store,
			       "nothing has been pulled; diver pull NAME");
	if (store < 0 || !is_writer)
		return store;
	rc = dir_wipe(store, STORE_NEW, e);
	if (rc == 0)
		rc = dir_wipe(store, STORE_OLD, e);
	if (rc == 0)
		return store;
	close(store);
	return rc;
}

struct names {
	struct ref *ref;
	size_t count;
};

/* Both have been found good, so they fit. */
static int add(struct names *n, const char *name, const char *version,
	       struct err *e)
{
	struct ref *more = reallocarray(n->ref, n->count + 1, sizeof(*n->ref));

	if (!more)
		return err_set(e, -ENOMEM, "no memory");
	n->ref = more;
	more += n->count++;
	*more = (struct ref){ .name = "" };
	memcpy(more->name, name, strnlen(name, REF_NAME_SIZE - 1));
	memcpy(more->version, version, strnlen(version, REF_VERSION_SIZE - 1));
	return 0;
}

static DIR *open_folder(int at, const char *name)
{
	int fd = openat(at, name,
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static int add_versions(struct names *n, int store, const char *name,
			struct err *e)
{
	DIR *dir = open_folder(store, name);
	struct dirent *d;
	int rc = 0;

	while (dir && rc == 0 && (d = readdir(dir)))
		if (ref_is_version(d->d_name))
			rc = add(n, name, d->d_name, e);
	if (dir)
		closedir(dir);
	return rc;
}

static int compare_refs(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : ref_compare(y->version, x->version);
}

int store_list(int store, struct ref **ret, size_t *ret_count, struct err *e)
{
	struct names n = { .ref = NULL };
	DIR *dir = open_folder(store, ".");
	struct dirent *d;
	int rc = 0;

	if (!dir)
		return err_set(e, -errno, "the store: %s", strerror(errno));
	while (rc == 0 && (d = readdir(dir)))
		if (ref_is_name(d->d_name))
			rc = add_versions(&n, store, d->d_name, e);
	closedir(dir);
	if (rc) {
		free(n.ref);
		return rc;
	}
	if (n.count)
		qsort(n.ref, n.count, sizeof(*n.ref), compare_refs);
	*ret = n.ref;
	*ret_count = n.count;
	return 0;
}

int store_set_newest(int store, const char *name, struct err *e)
{
	struct names n = { .ref = NULL };
	const char *best = "";
	int rc = add_versions(&n, store, name, e);
	int dir = rc == 0 ? dir_make(store, name, e) : rc;

	for (size_t i = 0; i < n.count; i++)
		if (ref_is_better(n.ref[i].version, best))
			best = n.ref[i].version;
	if (dir >= 0) {
		rc = dir_wipe(dir, STORE_NEWEST ".new", e);
		if (rc == 0 && *best &&
		    (symlinkat(best, dir, STORE_NEWEST ".new") ||
		     renameat(dir, STORE_NEWEST ".new", dir, STORE_NEWEST)))
			rc = err_set(e, -errno, "%s: %s", name,
				     strerror(errno));
		if (rc == 0 && !*best)
			rc = dir_wipe(store, name, e);
		if (rc == 0 && *best && fsync(dir))
			rc = err_set(e, -errno, "%s: %s", name,
				     strerror(errno));
		close(dir);
	} else {
		rc = dir;
	}
	free(n.ref);
	return rc;
}

static int remove_one(int store, const struct ref *ref, struct err *e)
{
	char path[REF_NAME_SIZE + REF_VERSION_SIZE];

	snprintf(path, sizeof(path), "%s/%s", ref->name, ref->version);
	if (renameat(store, path, store, STORE_OLD))
		return err_set(e, -errno, "%s@%s: %s", ref->name, ref->version,
			       strerror(errno));
	return dir_wipe(store, STORE_OLD, e);
}

int store_remove(int store, const struct ref *ref, struct err *e)
{
	struct names n = { .ref = NULL };
	int rc = add_versions(&n, store, ref->name, e);
	bool found = false;

	for (size_t i = 0; i < n.count && rc == 0; i++) {
		if (ref->version[0] &&
		    strcmp(n.ref[i].version, ref->version) != 0)
			continue;
		found = true;
		rc = remove_one(store, &n.ref[i], e);
	}
	free(n.ref);
	if (rc == 0 && !found)
		return err_set(e, -ENOENT,
			       "%s%s%s is not pulled; diver ls says what is",
			       ref->name, ref->version[0] ? "@" : "",
			       ref->version);
	return rc ? rc : store_set_newest(store, ref->name, e);
}

static int find_newest(int store, struct ref *ref)
{
	char path[REF_NAME_SIZE + sizeof("/" STORE_NEWEST)];
	char version[REF_VERSION_SIZE];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/" STORE_NEWEST, ref->name);
	n = readlinkat(store, path, version, sizeof(version) - 1);
	version[n > 0 ? n : 0] = '\0';
	if (!ref_is_version(version))
		return -ENOENT;
	memcpy(ref->version, version, sizeof(version));
	return 0;
}

static int read_version(int dir, struct release *ret, struct err *e)
{
	struct descriptor config;
	char *text;
	size_t size;
	int rc = dir_read(dir, "manifest.json", LAYOUT_JSON_MAX, &text, &size,
			  e);

	if (rc)
		return rc;
	rc = release_parse(ret, text, size, &config, e);
	if (rc) {
		free(text);
		return rc;
	}
	digest_of(text, size, ret->manifest.digest);
	ret->manifest.size = size;
	package_free(&ret->package);
	rc = dir_read(dir, PACKAGE_FILE, PACKAGE_JSON_MAX, &text, &size, e);
	if (rc == 0) {
		rc = package_parse(&ret->package, PACKAGE_FILE, text, size, e);
		free(text);
	}
	if (rc)
		release_free(ret);
	return rc;
}

int store_read(int store, struct ref *ref, struct release *ret, struct err *e)
{
	char path[REF_NAME_SIZE + REF_VERSION_SIZE];
	int dir = -1, rc = 0;

	if (!ref->version[0])
		rc = find_newest(store, ref);
	snprintf(path, sizeof(path), "%s/%s", ref->name, ref->version);
	if (rc == 0)
		dir = openat(store, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_set(e, -ENOENT,
			       "%s%s%s is not pulled; diver ls says what is",
			       ref->name, ref->version[0] ? "@" : "",
			       ref->version);
	rc = read_version(dir, ret, e);
	close(dir);
	return rc ? err_wrap(e, "%s@%s in the store", ref->name, ref->version)
		  : 0;
}
