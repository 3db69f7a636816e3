// SPDX-License-Identifier: Apache-2.0
// Where gdb connects: a local socket, by name.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/local.h"
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

static int listen_unix(struct gdb *g, const char *where, struct err *e)
{
	const char *path = where + strlen("unix:");

	if (!*path)
		return bad_place(where, e);
	g->listen_fd = local_listen(path, e);
	if (g->listen_fd < 0)
		return err_wrap(e, "--gdb");
	return janitor_start(&g->janitor, path, false, e);
}

int gdb_listen(struct gdb *g, const char *where, struct err *e)
{
	struct sockaddr_in to = { 0 };
	int on = 1, rc;

	if (strncmp(where, "unix:", 5) == 0)
		return listen_unix(g, where, e);
	if (strncmp(where, "tcp:", 4) != 0)
		return bad_place(where, e);
	rc = parse_tcp(where, &to, e);
	if (rc)
		return rc;
	g->listen_fd =
		socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (g->listen_fd < 0)
		return err_set(e, -errno, "--gdb: no socket: %s",
			       strerror(errno));
	(void)setsockopt(g->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on,
			 sizeof(on));
	if (bind(g->listen_fd, (struct sockaddr *)&to, sizeof(to)) ||
	    listen(g->listen_fd, 1))
		return err_set(e, -errno, "--gdb: cannot listen on %s: %s",
			       where, strerror(errno));
	return 0;
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
