// SPDX-License-Identifier: Apache-2.0
// A disk: a file or block device of the host, read and written in place.
#include "vmm/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int find_size(struct store *s, const char *path, struct err *e)
{
	struct stat st;
	off_t end;

	if (fstat(s->fd, &st) || (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)))
		return err_set(e, -EINVAL,
			       "%s: is neither a file nor a block device",
			       path);
	end = lseek(s->fd, 0, SEEK_END);
	if (end < 0)
		return err_set(e, -errno, "%s: has no size: %s", path,
			       strerror(errno));
	s->size = (uint64_t)end;
	return 0;
}

int store_open(struct store *s, const char *path, bool readonly, struct err *e)
{
	int rc;

	/* Without O_NONBLOCK a named pipe would keep us waiting. */
	s->fd = open(path,
		     (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
	s->size = 0;
	if (s->fd < 0)
		return err_set(e, -errno, "%s: cannot be opened: %s", path,
			       strerror(errno));
	rc = find_size(s, path, e);
	if (rc)
		store_close(s);
	return rc;
}

int store_io(const struct store *s, bool write, uint64_t offset, void *bytes,
	     uint64_t size)
{
	uint8_t *at = bytes;

	while (size) {
		ssize_t n = write ? pwrite(s->fd, at, size, (off_t)offset)
				  : pread(s->fd, at, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		offset += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

void store_close(struct store *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
