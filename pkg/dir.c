// SPDX-License-Identifier: Apache-2.0
// Folders whose files appear whole or not at all.
#include "pkg/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

static int make_all(char *path)
{
	for (char *at = strchr(path + 1, '/');; at = strchr(at + 1, '/')) {
		int rc;

		if (at)
			*at = '\0';
		rc = mkdir(path, 0777);
		if (at)
			*at = '/';
		if (rc && errno != EEXIST)
			return -errno;
		if (!at)
			return 0;
	}
}

int dir_open(char *path, bool is_writer, struct err *e)
{
	int rc = is_writer ? make_all(path) : 0;
	int fd;

	if (rc)
		return err_set(e, rc, "%s: %s", path, strerror(-rc));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	do
		rc = flock(fd, is_writer ? LOCK_EX : LOCK_SH);
	while (rc && errno == EINTR);
	if (rc) {
		rc = err_set(e, -EIO, "%s cannot be locked: %s", path,
			     strerror(errno));
		close(fd);
		return rc;
	}
	return fd;
}

int dir_make(int dir, const char *name, struct err *e)
{
	int fd = -1;

	if (mkdirat(dir, name, 0777) == 0 || errno == EEXIST)
		fd = openat(dir, name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 ? fd
		       : err_set(e, -errno, "%s: %s", name, strerror(errno));
}

static int read_file(int fd, const char *name, size_t max, char **ret,
		     size_t *ret_size, struct err *e)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st))
		return err_set(e, -errno, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s is not a regular file", name);
	if ((uint64_t)st.st_size > max)
		return err_set(e, -EFBIG, "%s has more than %zu bytes", name,
			       max);
	*ret_size = (size_t)st.st_size;
	*ret = malloc(*ret_size + 1);
	if (!*ret)
		return err_set(e, -ENOMEM, "no memory for %s", name);
	rc = io_read_all(fd, *ret, *ret_size);
	(*ret)[*ret_size] = '\0';
	if (rc == 0)
		return 0;
	free(*ret);
	*ret = NULL;
	return err_set(e, rc, "%s: %s", name, strerror(-rc));
}

int dir_read(int dir, const char *name, size_t max, char **ret,
	     size_t *ret_size, struct err *e)
{
	/* O_NONBLOCK: a FIFO would hang here. */
	int fd = openat(dir, name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc;

	*ret = NULL;
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", name, strerror(errno));
	rc = read_file(fd, name, max, ret, ret_size, e);
	close(fd);
	return rc;
}

int dir_write(int dir, const char *name, const void *bytes, size_t size,
	      struct err *e)
{
	char *new = NULL;
	int fd = -1, rc = 0;

	if (asprintf(&new, "%s.new", name) < 0)
		return err_set(e, -ENOMEM, "no memory");
	/* What a crash has left may be anything. */
	if (unlinkat(dir, new, 0) && errno != ENOENT)
		rc = -errno;
	if (rc == 0)
		fd = openat(dir, new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			    0666);
	if (rc == 0 && fd < 0)
		rc = -errno;
	if (rc == 0)
		rc = io_write_all(fd, bytes, size);
	if (rc == 0 &&
	    (fsync(fd) || renameat(dir, new, dir, name) || fsync(dir)))
		rc = -errno;
	if (fd >= 0)
		close(fd);
	free(new);
	return rc ? err_set(e, rc, "%s cannot be written: %s", name,
			    strerror(-rc))
		  : 0;
}

static int wipe_inside(int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *d;
	int rc = 0;

	if (!dir) {
		rc = -errno;
		close(fd);
		return rc;
	}
	while (rc == 0 && (d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		rc = dir_wipe(fd, d->d_name, NULL);
	}
	closedir(dir);
	return rc;
}

int dir_wipe(int dir, const char *name, struct err *e)
{
	int rc = 0, fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	rc = fd >= 0 ? wipe_inside(fd) : -errno;
	if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR))
		rc = -errno;
	return rc ? err_set(e, rc, "%s cannot be removed: %s", name,
			    strerror(-rc))
		  : 0;
}
