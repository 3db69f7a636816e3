// SPDX-License-Identifier: Apache-2.0
// The files of a package into a tar file.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pkg/tar.h"

struct tar_writer {
	struct archive *a;
};

static int say(struct archive *a, struct err *e)
{
	return err_set(e, -EIO, "the files cannot be packed: %s",
		       archive_error_string(a));
}

struct tar_writer *tar_begin(int fd, struct err *e)
{
	struct tar_writer *t = calloc(1, sizeof(*t));

	if (t)
		t->a = archive_write_new();
	if (t && t->a && archive_write_set_format_pax_restricted(t->a) == 0 &&
	    archive_write_open_fd(t->a, fd) == ARCHIVE_OK)
		return t;
	if (t)
		archive_write_free(t->a);
	free(t);
	(void)err_set(e, -ENOMEM, "no memory to pack the files");
	return NULL;
}

/* Whatever a link says, it stays in the folder. */
static int open_below(int dir, const char *path, struct stat *st, struct err *e)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));

	if (fd < 0 && errno == EXDEV)
		return err_set(e, -EINVAL, "%s leads out of the package", path);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	return err_set(e, -EINVAL, "%s is not a regular file", path);
}

static int copy(struct tar_writer *t, int fd, const char *path, uint64_t size,
		struct err *e)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		if ((uint64_t)n > size)
			break;
		size -= (uint64_t)n;
		if (archive_write_data(t->a, bytes, (size_t)n) != n)
			return say(t->a, e);
	}
	if (n < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (n > 0 || size > 0)
		return err_set(e, -EBUSY, "%s changes while it is packed",
			       path);
	return 0;
}

int tar_add(struct tar_writer *t, int dir, const char *path, struct err *e)
{
	struct archive_entry *entry;
	struct stat st;
	int fd = open_below(dir, path, &st, e);
	int rc = 0;

	if (fd < 0)
		return fd;
	entry = archive_entry_new();
	if (!entry) {
		close(fd);
		return err_set(e, -ENOMEM, "no memory to pack %s", path);
	}
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, st.st_mode & 0111 ? 0755 : 0644);
	archive_entry_set_size(entry, st.st_size);
	archive_entry_set_mtime(entry, 0, 0);
	if (archive_write_header(t->a, entry) != ARCHIVE_OK)
		rc = say(t->a, e);
	if (rc == 0)
		rc = copy(t, fd, path, (uint64_t)st.st_size, e);
	archive_entry_free(entry);
	close(fd);
	return rc;
}

int tar_end(struct tar_writer *t, struct err *e)
{
	int rc = archive_write_close(t->a) == ARCHIVE_OK ? 0 : say(t->a, e);

	archive_write_free(t->a);
	free(t);
	return rc;
}
