// SPDX-License-Identifier: Apache-2.0
// From a folder with a diver.json into the local registry, and out of it.
#include "pkg/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/dir.h"
#include "pkg/store.h"
#include "pkg/tar.h"

#define FILES_MAX 1024

static int read_package(int dir, struct package *ret, struct err *e)
{
	char *text;
	size_t size;
	int rc = dir_read(dir, PACKAGE_FILE, PACKAGE_JSON_MAX, &text, &size, e);

	if (rc)
		return rc;
	rc = package_parse(ret, PACKAGE_FILE, text, size, e);
	free(text);
	return rc;
}

static int compare_paths(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* In an order that does not depend on how they were written; each once. */
static int pack_files(struct tar_writer *t, int dir, const struct package *p,
		      struct err *e)
{
	char *list =
		strdup(p->value[PACKAGE_FILES] ? p->value[PACKAGE_FILES] : "");
	const char *path[FILES_MAX];
	char *rest = list, *word;
	size_t n = 0;
	int rc = list ? 0 : err_set(e, -ENOMEM, "no memory");

	path[n++] = p->value[PACKAGE_KERNEL];
	if (p->value[PACKAGE_INITRD])
		path[n++] = p->value[PACKAGE_INITRD];
	while (rc == 0 && (word = strsep(&rest, "\n"))) {
		if (n == FILES_MAX)
			rc = err_set(e, -EINVAL, "more than %d files",
				     FILES_MAX);
		else if (*word)
			path[n++] = word;
	}
	qsort(path, n, sizeof(path[0]), compare_paths);
	for (size_t i = 0; i < n && rc == 0; i++)
		if (i == 0 || strcmp(path[i - 1], path[i]) != 0)
			rc = tar_add(t, dir, path[i], e);
	free(list);
	return rc;
}

static int pack(struct layout *l, int dir, const struct package *p,
		struct descriptor *ret, struct err *e)
{
	struct tar_writer *t;
	int fd = layout_begin(l, e);
	int rc;

	if (fd < 0)
		return fd;
	t = tar_begin(fd, e);
	rc = t ? pack_files(t, dir, p, e) : -ENOMEM;
	if (t && tar_end(t, rc ? NULL : e) && rc == 0)
		rc = -EIO;
	if (rc == 0)
		return layout_end(l, fd, ret, e);
	close(fd);
	return rc;
}

static int publish(int dir, const struct package *p, struct release *ret,
		   struct err *e)
{
	struct descriptor layer = { .type = RELEASE_TYPE_TAR }, manifest;
	struct layout l;
	struct ref ref = { .name = "" };
	int rc = layout_open(&l, true, e);

	if (rc)
		return rc;
	package_ref(p, &ref);
	rc = pack(&l, dir, p, &layer, e);
	if (rc == 0)
		rc = release_add(&l, p, &layer, &manifest, e);
	/* As everybody will read it. */
	if (rc == 0)
		rc = release_read(ret, &l, &manifest, &ref, e);
	if (rc == 0) {
		rc = layout_tag(&l, &ref, &manifest, e);
		if (rc)
			release_free(ret);
	}
	layout_close(&l);
	return rc;
}

int publish_folder(const char *path, struct release *ret, struct err *e)
{
	struct package p;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (dir < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	rc = read_package(dir, &p, e);
	if (rc == 0) {
		rc = publish(dir, &p, ret, e);
		package_free(&p);
	}
	close(dir);
	return rc;
}

static int pull(const struct layout *l, const struct ref *ref,
		const struct descriptor *d, struct release *ret, struct err *e)
{
	int store, rc = release_read(ret, l, d, ref, e);

	if (rc)
		return rc;
	store = store_open(true, e);
	if (store >= 0) {
		rc = store_put(store, l, ret, e);
		close(store);
	} else {
		rc = store;
	}
	if (rc)
		release_free(ret);
	return rc;
}

int publish_pull(struct ref *ref, struct release *ret, struct err *e)
{
	struct descriptor d;
	struct layout l;
	int rc = layout_open(&l, false, e);

	if (rc)
		return rc;
	rc = layout_find(&l, ref, &d, e);
	if (rc == 0 && pull(&l, ref, &d, ret, e))
		rc = err_wrap(e, "%s@%s", ref->name, ref->version);
	layout_close(&l);
	return rc;
}
