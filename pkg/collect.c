// SPDX-License-Identifier: Apache-2.0
// Are the blobs of the local registry whole, and does anybody need them?
#include "pkg/collect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INSIDE_MAX 4 /* an index of indices of ... */

/* Everything that the index leads to. */
struct marks {
	struct descriptor *d;
	size_t count, room;
};

static int add(struct marks *m, const struct descriptor *d, struct err *e)
{
	if (m->count == m->room) {
		size_t room = m->room ? 2 * m->room : 256;
		struct descriptor *more = reallocarray(m->d, room, sizeof(*d));

		if (!more)
			return err_set(e, -ENOMEM, "no memory");
		m->d = more;
		m->room = room;
	}
	m->d[m->count++] = *d;
	return 0;
}

static int mark(struct marks *m, const struct layout *l, const struct doc *d,
		const cJSON *item, unsigned int inside, struct err *e);

static int mark_inside(struct marks *m, const struct layout *l,
		       const struct descriptor *at, unsigned int inside,
		       struct err *e)
{
	struct doc d;
	char *text;
	int rc;

	if (inside == INSIDE_MAX)
		return err_set(e, -EINVAL, "%s: nested too deep", at->digest);
	rc = layout_read(l, at, &text, e);
	if (rc)
		return rc;
	rc = doc_parse(&d, at->digest, text, at->size, e);
	if (rc == 0) {
		rc = mark(m, l, &d, d.root, inside + 1, e);
		doc_free(&d);
	}
	free(text);
	return rc;
}

/* Whatever looks like a descriptor, also in what others have put there. */
static int mark(struct marks *m, const struct layout *l, const struct doc *d,
		const cJSON *item, unsigned int inside, struct err *e)
{
	struct descriptor at;
	int rc = 0;

	if (cJSON_HasObjectItem(item, "digest") &&
	    layout_descriptor(d, item, &at, NULL) == 0) {
		rc = add(m, &at, e);
		if (rc == 0 && (!strcmp(at.type, LAYOUT_TYPE_MANIFEST) ||
				!strcmp(at.type, LAYOUT_TYPE_INDEX)))
			rc = mark_inside(m, l, &at, inside, e);
	}
	for (item = item->child; item && rc == 0; item = item->next)
		rc = mark(m, l, d, item, inside, e);
	return rc;
}

static int compare(const void *a, const void *b)
{
	const struct descriptor *x = a, *y = b;

	return strcmp(x->digest, y->digest);
}

static bool is_marked(const struct marks *m, const char *digest)
{
	struct descriptor key = { .size = 0 };

	memcpy(key.digest, digest, DIGEST_SIZE);
	return m->count &&
	       bsearch(&key, m->d, m->count, sizeof(*m->d), compare);
}

/* The next file that is called as a blob is; false at the end. */
static bool next_blob(DIR *dir, char *ret)
{
	struct dirent *d;

	while ((d = readdir(dir))) {
		int n = snprintf(ret, DIGEST_SIZE, DIGEST_PREFIX "%s",
				 d->d_name);

		if (n == DIGEST_SIZE - 1 && digest_is(ret))
			return true;
	}
	return false;
}

static DIR *open_blobs(const struct layout *l, struct err *e)
{
	int fd = openat(l->blobs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir)
		return dir;
	(void)err_set(e, -errno, "blobs/sha256: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return NULL;
}

static int sweep(const struct layout *l, const struct marks *m,
		 const struct collect_listener *to, struct err *e)
{
	DIR *dir = open_blobs(l, e);
	char digest[DIGEST_SIZE];
	int rc = 0;

	if (!dir)
		return e->code;
	while (rc == 0 && next_blob(dir, digest)) {
		if (is_marked(m, digest))
			continue;
		if (unlinkat(l->blobs, digest + strlen(DIGEST_PREFIX), 0))
			rc = err_set(e, -errno, "%s: %s", digest,
				     strerror(errno));
		else
			to->tell(to->arg, digest, "removed");
	}
	closedir(dir);
	return rc;
}

int collect_remove(struct layout *l, const struct collect_listener *to,
		   struct err *e)
{
	struct marks m = { .d = NULL };
	int rc = mark(&m, l, &l->index, l->index.root, 0, e);

	if (m.count)
		qsort(m.d, m.count, sizeof(*m.d), compare);
	if (rc == 0)
		rc = sweep(l, &m, to, e);
	free(m.d);
	return rc;
}

/* Is every blob what it is called? */
static int check_names(const struct layout *l,
		       const struct collect_listener *to, unsigned int *bad,
		       struct err *e)
{
	DIR *dir = open_blobs(l, e);
	char digest[DIGEST_SIZE], is[DIGEST_SIZE];
	uint64_t size;

	if (!dir)
		return e->code;
	while (next_blob(dir, digest)) {
		int fd = openat(l->blobs, digest + strlen(DIGEST_PREFIX),
				O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

		if (fd < 0 || digest_of_file(fd, is, &size, NULL) ||
		    strcmp(is, digest) != 0) {
			to->tell(to->arg, digest, "damaged");
			++*bad;
		}
		if (fd >= 0)
			close(fd);
	}
	closedir(dir);
	return 0;
}

int collect_check(struct layout *l, const struct collect_listener *to,
		  struct err *e)
{
	struct marks m = { .d = NULL };
	unsigned int bad = 0;
	int rc = check_names(l, to, &bad, e);

	if (rc == 0)
		rc = mark(&m, l, &l->index, l->index.root, 0, e);
	for (size_t i = 0; i < m.count && rc == 0; i++) {
		struct stat st;

		if (fstatat(l->blobs, m.d[i].digest + strlen(DIGEST_PREFIX),
			    &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (uint64_t)st.st_size == m.d[i].size)
			continue;
		to->tell(to->arg, m.d[i].digest, "missing, or of another size");
		bad++;
	}
	free(m.d);
	if (rc == 0 && bad)
		rc = err_set(e, -EINVAL,
			     "the local registry is damaged; publish again "
			     "what it is part of");
	return rc;
}
