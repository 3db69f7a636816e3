// SPDX-License-Identifier: Apache-2.0
// Where gdb connects: a local socket, by name.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/units.h"
#include "vmm/gdb/session.h"

#define SEND_TIMEOUT_S 5 /* a gdb that reads nothing for so long has gone */

static int bad_place(const char *where, struct err *e)
{
	return err_set(e, -EINVAL,
		       "--gdb: '%s' is not tcp:[HOST]:PORT or unix:PATH; write "
		       "tcp::1234 or unix:/tmp/gdb",
		       where);
}

static int parse_tcp(const char *where, struct sockaddr_in *to, struct err *e)
{
	const char *text = where + strlen("tcp:");
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN] = "127.0.0.1";
	uint64_t port;

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return bad_place(where, e);
	if (colon > text && strncmp(text, "localhost:", 10) != 0) {
		memcpy(host, text, (size_t)(colon - text));
		host[colon - text] = '\0';
	}
	if (units_number(colon + 1, 65535, &port, NULL) || port == 0)
		return bad_place(where, e);
	to->sin_family = AF_INET;
	to->sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, host, &to->sin_addr) != 1)
		return err_set(e, -EINVAL,
			       "--gdb: '%s' is not an IPv4 address; write one "
			       "such as 127.0.0.1",
			       host);
	return 0;
}

static int parse_unix(const char *where, struct sockaddr_un *to, struct err *e)
{
	const char *path = where + strlen("unix:");

	if (!*path)
		return bad_place(where, e);
	if (strlen(path) >= sizeof(to->sun_path))
		return err_set(e, -EINVAL,
			       "--gdb: the path of a socket has at most %zu "
			       "characters; give a shorter one",
			       sizeof(to->sun_path) - 1);
	to->sun_family = AF_UNIX;
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

int gdb_listen(struct gdb *g, const char *where, struct err *e)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_un un;
	} to = { .un = { 0 } };
	bool is_unix = strncmp(where, "unix:", 5) == 0;
	socklen_t size = is_unix ? sizeof(to.un) : sizeof(to.in);
	int on = 1, rc;

	if (is_unix)
		rc = parse_unix(where, &to.un, e);
	else if (strncmp(where, "tcp:", 4) == 0)
		rc = parse_tcp(where, &to.in, e);
	else
		return bad_place(where, e);
	if (rc)
		return rc;
	g->listen_fd = socket(to.any.sa_family,
			      SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (g->listen_fd >= 0 && !is_unix)
		(void)setsockopt(g->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on,
				 sizeof(on));
	if (g->listen_fd < 0)
		return err_set(e, -errno, "--gdb: no socket: %s",
			       strerror(errno));
	rc = bind(g->listen_fd, &to.any, size);
	if (rc && is_unix && errno == EADDRINUSE && remove_stale(&to.un))
		rc = bind(g->listen_fd, &to.any, size);
	if (rc || listen(g->listen_fd, 1))
		return err_set(e, -errno, "--gdb: cannot listen on %s: %s",
			       where, strerror(errno));
	return is_unix ? janitor_start(&g->janitor, to.un.sun_path, false, e)
		       : 0;
}

bool gdb_accept(struct gdb *g)
{
	struct timeval patience = { .tv_sec = SEND_TIMEOUT_S };
	int on = 1;

	/* syscall: accept4, setsockopt, close */
	g->conn_fd = accept4(g->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (g->conn_fd < 0)
		return false;
	/* Not there on a Unix socket; without it packets are only slower. */
	(void)setsockopt(g->conn_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(g->conn_fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			 sizeof(patience));
	return true;
}
