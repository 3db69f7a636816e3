// SPDX-License-Identifier: Apache-2.0
// Whole reads and writes on file descriptors.
#include "base/io.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* After a failed call: may it be tried again? Waits when it must. */
static int wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (errno == EINTR)
		return 0;
	if (errno != EAGAIN)
		return -errno;
	if (poll(&p, 1, -1) < 0 && errno != EINTR)
		return -errno;
	return 0;
}

int io_write_all(int fd, const void *from, size_t size)
{
	const char *p = from;

	while (size > 0) {
		/* syscall: write */
		ssize_t n = write(fd, p, size);

		if (n < 0) {
			int ret = wait_for(fd, POLLOUT);

			if (ret < 0)
				return ret;
			continue;
		}
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

ssize_t io_write_line(int fd, const char *mark, const void *from, size_t size)
{
	size_t most = size < IO_LINE_MAX ? size : IO_LINE_MAX;
	const char *end = memchr(from, '\n', most);
	struct iovec part[] = {
		{ (void *)(uintptr_t)mark, strlen(mark) },
		{ (void *)(uintptr_t)from,
		  end ? (size_t)(end - (const char *)from) + 1 : most },
	};
	/* syscall: writev */
	ssize_t n = writev(fd, part, 2);

	if (n <= 0)
		return n;
	n -= (ssize_t)part[0].iov_len;
	return n > 0 ? n : 0;
}

int io_read_all(int fd, void *to, size_t size)
{
	char *p = to;

	while (size > 0) {
		ssize_t n = read(fd, p, size);

		if (n == 0)
			return -ENODATA;
		if (n < 0) {
			int ret = wait_for(fd, POLLIN);

			if (ret < 0)
				return ret;
			continue;
		}
		p += n;
		size -= (size_t)n;
	}
	return 0;
}
