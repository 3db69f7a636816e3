// SPDX-License-Identifier: Apache-2.0
// Local sockets by path.
#include "base/local.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int name(const char *path, struct sockaddr_un *to, struct err *e)
{
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(to->sun_path))
		return err_set(e, -EINVAL,
			       "the path of a socket has at most %zu "
			       "characters; give a shorter one",
			       sizeof(to->sun_path) - 1);
	memcpy(to->sun_path, path, strlen(path));
	return 0;
}

/* A dive that was killed leaves its socket behind: nobody answers there. */
static bool remove_stale(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;
	bool stale;

	if (fd < 0)
		return false;
	stale = lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		connect(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return stale && unlink(at->sun_path) == 0;
}

int local_listen(const char *path, struct err *e)
{
	struct sockaddr_un at;
	int rc = name(path, &at, e);
	mode_t mask;
	int fd;

	if (rc)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(e, -errno, "no socket: %s", strerror(errno));
	mask = umask(0077);
	rc = bind(fd, (const struct sockaddr *)&at, sizeof(at));
	if (rc && errno == EADDRINUSE && remove_stale(&at))
		rc = bind(fd, (const struct sockaddr *)&at, sizeof(at));
	umask(mask);
	if (!rc && listen(fd, 1) == 0)
		return fd;
	rc = err_set(e, -errno, "cannot listen on unix:%s: %s", path,
		     strerror(errno));
	close(fd);
	return rc;
}

int local_connect(const char *path, struct err *e)
{
	struct sockaddr_un at;
	int rc = name(path, &at, e);
	int fd;

	if (rc)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	rc = err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(LOCAL_FDS * sizeof(int))];
};

bool local_receive(int fd, void *to, size_t size, int *fds)
{
	union control control;

	while (size) {
		struct iovec iov = { to, size };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
		const struct cmsghdr *c;
		ssize_t n;

		/* Without padding: the kernel would put one more there. */
		if (fds) {
			msg.msg_control = &control;
			msg.msg_controllen = CMSG_LEN(LOCAL_FDS * sizeof(int));
		}
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC); /* syscall: recvmsg */
		if (n <= 0)
			return false;
		c = CMSG_FIRSTHDR(&msg);
		if (fds && c && c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_RIGHTS)
			memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
		fds = NULL;
		to = (char *)to + n;
		size -= (size_t)n;
	}
	return true;
}

bool local_send(int fd, const void *from, size_t size, const int *fds)
{
	union control control = { .bytes = { 0 } };

	while (size) {
		struct iovec iov = { (void *)(uintptr_t)from, size };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
		ssize_t n;

		if (fds) {
			struct cmsghdr *c = &control.align;

			msg.msg_control = &control;
			msg.msg_controllen = sizeof(control);
			*c = (struct cmsghdr){
				.cmsg_len = CMSG_LEN(LOCAL_FDS * sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS,
			};
			memcpy(CMSG_DATA(c), fds, LOCAL_FDS * sizeof(int));
		}
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return false;
		if (n <= 0)
			continue;
		fds = NULL;
		from = (const char *)from + n;
		size -= (size_t)n;
	}
	return true;
}
