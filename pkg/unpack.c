// SPDX-License-Identifier: Apache-2.0
// The files of a package out of a tar file that nobody vouches for.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "pkg/package.h"
#include "pkg/tar.h"

#define BLOCK 65536

/* No link was made in @dir; were there one, it would not be followed. */
static int make_file(int dir, const char *path, mode_t mode)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));

	return fd >= 0 ? fd : -errno;
}

/* Every folder above @path, and @path if it @is_dir. */
static int make_dirs(int dir, const char *path, bool is_dir,
		     struct tar_limits *left)
{
	char part[PACKAGE_PATH_MAX + 1];
	struct stat st;

	for (const char *at = path; at; at++) {
		at = strchrnul(at, '/');
		if (!*at && !is_dir)
			return 0;
		snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
		if (mkdirat(dir, part, 0755) == 0) {
			if (left->files-- == 0)
				return -EFBIG;
		} else if (errno != EEXIST) {
			return -errno;
		} else if (fstatat(dir, part, &st, AT_SYMLINK_NOFOLLOW) ||
			   !S_ISDIR(st.st_mode)) {
			return -EEXIST;
		}
		if (!*at)
			return 0;
	}
	return 0;
}

/* Holes are counted and written, too: nothing comes out larger than counted. */
static int copy_data(struct archive *a, int fd, const char *path,
		     struct tar_limits *left, struct err *e)
{
	char bytes[BLOCK];
	ssize_t n;
	int rc;

	while ((n = archive_read_data(a, bytes, sizeof(bytes))) > 0) {
		if ((uint64_t)n > left->bytes)
			return err_set(e, -EFBIG, "the package is too large");
		left->bytes -= (uint64_t)n;
		rc = io_write_all(fd, bytes, (size_t)n);
		if (rc)
			return err_set(e, rc, "%s: %s", path, strerror(-rc));
	}
	return n == 0 ? 0
		      : err_set(e, -EINVAL, "%s: %s", path,
				archive_error_string(a));
}

static int unpack_file(struct archive *a, struct archive_entry *entry, int dir,
		       const char *path, struct tar_limits *left, struct err *e)
{
	mode_t mode = archive_entry_perm(entry) & 0111 ? 0755 : 0644;
	int fd, rc;

	if (left->files-- == 0)
		return err_set(e, -EFBIG, "the package has too many files");
	fd = make_file(dir, path, mode);
	if (fd == -EEXIST)
		return err_set(e, -EINVAL, "%s is there twice", path);
	if (fd < 0)
		return err_set(e, fd, "%s: %s", path, strerror(-fd));
	rc = copy_data(a, fd, path, left, e);
	close(fd);
	return rc;
}

/* Its name as package_is_path() wants it: "./a/" is a. */
static int take_name(struct archive_entry *entry, char *ret, size_t size,
		     struct err *e)
{
	const char *name = archive_entry_pathname(entry);
	int n;

	if (!name)
		return err_set(e, -EINVAL, "a file without a name");
	while (!strncmp(name, "./", 2))
		name += 2;
	n = snprintf(ret, size, "%s", name);
	if (n > 0 && (size_t)n < size && ret[n - 1] == '/')
		ret[n - 1] = '\0';
	if (n < 0 || (size_t)n >= size ||
	    (*ret && strcmp(ret, ".") != 0 && !package_is_path(ret)))
		return err_set(e, -EINVAL,
			       "'%.200s' is no name for a file of a package",
			       archive_entry_pathname(entry));
	return 0;
}

static int unpack_entry(struct archive *a, struct archive_entry *entry, int dir,
			struct tar_limits *left, struct err *e)
{
	char path[PACKAGE_PATH_MAX + 2];
	bool is_dir = archive_entry_filetype(entry) == AE_IFDIR;
	int rc = take_name(entry, path, sizeof(path), e);

	if (rc)
		return rc;
	if (archive_entry_hardlink(entry) ||
	    (!is_dir && archive_entry_filetype(entry) != AE_IFREG))
		return err_set(e, -EINVAL,
			       "%.200s is neither a regular file nor a folder",
			       path);
	/* The folder itself. */
	if (!*path || !strcmp(path, "."))
		return is_dir ? 0 : err_set(e, -EINVAL, "a file called '.'");
	rc = make_dirs(dir, path, is_dir, left);
	if (rc)
		return err_set(e, rc == -EEXIST ? -EINVAL : rc,
			       "the folder of %.200s: %s", path, strerror(-rc));
	return is_dir ? 0 : unpack_file(a, entry, dir, path, left, e);
}

int tar_unpack(int fd, int dir, struct tar_limits *left, struct err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	int rc = 0, got;

	if (!a || archive_read_support_format_tar(a) ||
	    archive_read_support_filter_gzip(a)) {
		archive_read_free(a);
		return err_set(e, -ENOMEM, "no memory to unpack");
	}
	got = archive_read_open_fd(a, fd, BLOCK);
	while (rc == 0 && got == ARCHIVE_OK) {
		got = archive_read_next_header(a, &entry);
		if (got == ARCHIVE_OK)
			rc = unpack_entry(a, entry, dir, left, e);
	}
	if (rc == 0 && got != ARCHIVE_EOF)
		rc = err_set(e, -EINVAL, "not a tar file: %s",
			     archive_error_string(a));
	archive_read_free(a);
	return rc;
}
