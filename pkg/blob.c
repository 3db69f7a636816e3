// SPDX-License-Identifier: Apache-2.0
// The local registry: its blobs, files that are named by their bytes.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "pkg/dir.h"
#include "pkg/layout.h"

#define BLOB_NEW "blob.new" /* one writer, one file at a time */

static const char *file_name(const struct descriptor *d)
{
	return d->digest + strlen(DIGEST_PREFIX);
}

int layout_begin(struct layout *l, struct err *e)
{
	int rc = dir_wipe(l->dir, BLOB_NEW, e);
	int fd;

	if (rc)
		return rc;
	fd = openat(l->dir, BLOB_NEW, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		    0666);
	return fd >= 0 ? fd
		       : err_set(e, -errno, "a new blob: %s", strerror(errno));
}

int layout_end(struct layout *l, int fd, struct descriptor *ret, struct err *e)
{
	int rc = digest_of_file(fd, ret->digest, &ret->size, e);

	if (rc == 0 && (fchmod(fd, 0444) || fsync(fd) ||
			renameat(l->dir, BLOB_NEW, l->blobs, file_name(ret)) ||
			fsync(l->blobs)))
		rc = err_set(e, -errno, "a new blob: %s", strerror(errno));
	close(fd);
	return rc;
}

int layout_add(struct layout *l, const void *bytes, size_t size,
	       struct descriptor *ret, struct err *e)
{
	int fd = layout_begin(l, e);
	int rc;

	if (fd < 0)
		return fd;
	rc = io_write_all(fd, bytes, size);
	if (rc == 0)
		return layout_end(l, fd, ret, e);
	close(fd);
	return err_set(e, rc, "a new blob: %s", strerror(-rc));
}

static int check_blob(int fd, const struct descriptor *d, struct err *e)
{
	char digest[DIGEST_SIZE];
	struct stat st;
	uint64_t size;
	int rc;

	if (fstat(fd, &st))
		return err_set(e, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "not a regular file");
	if ((uint64_t)st.st_size != d->size)
		return err_set(e, -EINVAL,
			       "%" PRIu64 " bytes instead of %" PRIu64,
			       (uint64_t)st.st_size, d->size);
	rc = digest_of_file(fd, digest, &size, e);
	if (rc == 0 && (size != d->size || strcmp(digest, d->digest) != 0))
		rc = err_set(e, -EINVAL, "other bytes than its name says");
	return rc;
}

int layout_blob(const struct layout *l, const struct descriptor *d,
		struct err *e)
{
	int fd = openat(l->blobs, file_name(d),
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc = fd >= 0 ? check_blob(fd, d, e)
			 : err_set(e, errno == ENOENT ? -EINVAL : -errno, "%s",
				   strerror(errno));

	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return err_wrap(e, "%s is damaged in the local registry", d->digest);
}

int layout_read(const struct layout *l, const struct descriptor *d, char **ret,
		struct err *e)
{
	int fd, rc;

	*ret = NULL;
	if (d->size > LAYOUT_JSON_MAX)
		return err_set(e, -EFBIG, "%s has more than %zu bytes",
			       d->digest, LAYOUT_JSON_MAX);
	fd = layout_blob(l, d, e);
	if (fd < 0)
		return fd;
	*ret = malloc(d->size + 1);
	rc = *ret ? io_read_all(fd, *ret, d->size) : -ENOMEM;
	close(fd);
	if (rc) {
		free(*ret);
		*ret = NULL;
		return err_set(e, rc, "%s: %s", d->digest, strerror(-rc));
	}
	(*ret)[d->size] = '\0';
	return 0;
}
