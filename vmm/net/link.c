// SPDX-License-Identifier: Apache-2.0
// One --net: a cable, and who is at the host's end of it.
#include "vmm/net/link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "vmm/net/passt.h"

#define FLUSH_MS 100      /* for a passt that does not read any more */
#define END_NS   NS_PER_S /* passt ends by itself when its cable does */

static int lay_cable(struct net_link *l, struct err *e)
{
	if (l->spec.kind == NET_USER)
		return passt_start(&l->daemon, &l->spec, &l->cable, e);
	if (l->spec.kind == NET_TAP)
		return ether_tap(l->spec.tap, &l->cable, e);
	return ether_tap_fd(l->spec.fd, &l->cable, e);
}

int net_link_open(struct net_link *l, const char *text, unsigned int number,
		  struct err *e)
{
	int rc;

	*l = (struct net_link){ .cable = NULL };
	rc = net_spec_parse(text, &l->spec, e);
	if (!rc && l->spec.kind != NET_TAP && !l->spec.mac_given)
		l->spec.mac[ETHER_ADDR_SIZE - 1] += (uint8_t)number;
	if (!rc)
		rc = lay_cable(l, e);
	return rc ? err_wrap(e, "--net") : 0;
}

int net_link_wait(struct net_link *l, struct err *e)
{
	if (l->spec.kind != NET_USER ||
	    passt_wait(&l->daemon, l->cable, l->spec.mac, e) == 0)
		return 0;
	return err_wrap(e, "--net");
}

void net_link_lost(struct net_link *l, int error, char *words, size_t size)
{
	char why[120];

	if (l->spec.kind == NET_USER)
		daemon_end(&l->daemon, END_NS / 10, why, sizeof(why));
	else
		snprintf(why, sizeof(why), "%s", strerror(-error));
	snprintf(words, size,
		 "the network is gone, the kernel runs on without: %s%s",
		 l->spec.kind == NET_USER ? "passt: " : "", why);
}

void net_link_close(struct net_link *l)
{
	struct pollfd p = { .events = POLLOUT };
	char words[1];

	while (l->cable && ether_flush(l->cable) == -EAGAIN) {
		p.fd = l->cable->fd; /* syscall: poll */
		if (poll(&p, 1, FLUSH_MS) != 1)
			break;
	}
	ether_close(l->cable);
	l->cable = NULL;
	daemon_end(&l->daemon, END_NS, words, sizeof(words));
}
