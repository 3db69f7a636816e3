// SPDX-License-Identifier: Apache-2.0
// The network of an ordinary user: a cable to passt.
#include "vmm/net/passt.h"

#include <errno.h>
#include <net/ethernet.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define MTU         65520 /* its default: few packets, each large */
#define WORDS_MAX   (15 + 2 * NET_FORWARDS_MAX)
#define FORWARD_MAX (INET6_ADDRSTRLEN + sizeof("/65535:65535"))
#define ANSWER_NS   (2 * NS_PER_S)
#define NS_PER_MS   1000000u

int passt_start(struct daemon *d, const struct net_spec *spec,
		struct ether **ret, struct err *e)
{
	/*
	 * Addresses as people know them from QEMU. The hardware address is
	 * passt's own: an interface of the host may have none.
	 */
	const char *argv[WORDS_MAX] = {
		"passt",
		"--foreground",
		"--quiet",
		"--fd",
		DAEMON_FD_,
		"--address",
		"10.0.2.15",
		"--netmask",
		"24",
		"--gateway",
		"10.0.2.2",
		"--mac-addr",
		"02:44:49:56:45:00",
	};
	char forward[NET_FORWARDS_MAX][FORWARD_MAX];
	unsigned int n = 13;
	int pair[2], rc;

	for (unsigned int i = 0; i < spec->forwards; i++) {
		const struct net_forward *f = &spec->forward[i];

		snprintf(forward[i], sizeof(forward[i]), "%s/%u:%u", f->host,
			 f->port, f->guest_port);
		argv[n++] = f->udp ? "-u" : "-t";
		argv[n++] = forward[i];
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_set(e, -errno, "no socket for passt: %s",
			       strerror(errno));
	rc = daemon_start(d, argv, pair[1], e);
	close(pair[1]);
	if (rc) {
		close(pair[0]);
		return rc;
	}
	rc = ether_stream(pair[0], ret, e);
	if (rc) {
		char words[1];

		daemon_end(d, 0, words, sizeof(words));
		return rc;
	}
	/* What it tells by DHCP, for drivers that look here. */
	(*ret)->mtu = MTU;
	return 0;
}

/*
 * Who has 169.254.0.1? An RFC 5227 probe; passt answers for every address but
 * the guest's. It is the only sign of life that it gives on this socket.
 */
static int send_probe(struct ether *cable, const uint8_t mac[ETHER_ADDR_SIZE])
{
	struct {
		struct ether_header header;
		struct ether_arp arp;
	} frame = {
		.header.ether_type = htons(ETHERTYPE_ARP),
		.arp.ea_hdr = { .ar_hrd = htons(ARPHRD_ETHER),
				.ar_pro = htons(ETHERTYPE_IP),
				.ar_hln = ETHER_ADDR_SIZE,
				.ar_pln = 4,
				.ar_op = htons(ARPOP_REQUEST) },
		.arp.arp_tpa = { 169, 254, 0, 1 },
	};
	const struct iovec piece = { &frame, sizeof(frame) };
	int rc;

	memset(frame.header.ether_dhost, 0xff, ETHER_ADDR_SIZE);
	memcpy(frame.header.ether_shost, mac, ETHER_ADDR_SIZE);
	memcpy(frame.arp.arp_sha, mac, ETHER_ADDR_SIZE);
	rc = ether_send(cable, &piece, 1, sizeof(frame));
	return rc ? rc : ether_flush(cable);
}

static bool is_arp(const uint8_t *frame)
{
	return frame[12] == ETHERTYPE_ARP >> 8 &&
	       frame[13] == (ETHERTYPE_ARP & 0xff);
}

/* A silent passt is none that has failed: a host without IPv4 has no ARP. */
int passt_wait(struct daemon *d, struct ether *cable,
	       const uint8_t mac[ETHER_ADDR_SIZE], struct err *e)
{
	struct pollfd p = { .fd = cable->fd, .events = POLLIN };
	uint64_t until = clock_now_ns() + ANSWER_NS;
	int rc = send_probe(cable, mac);
	const uint8_t *frame;
	char words[160];
	size_t size;

	/* An answer may come in pieces; who stops amid one is silent, too. */
	while (!rc && (rc = ether_peek(cable, &frame, &size)) == -EAGAIN) {
		uint64_t now = clock_now_ns();

		if (now >= until ||
		    poll(&p, 1, (int)((until - now) / NS_PER_MS)) < 0)
			return 0;
		rc = 0;
	}
	if (!rc) {
		if (is_arp(frame))
			ether_drop(cable);
		return 0;
	}
	daemon_end(d, NS_PER_S, words, sizeof(words));
	return err_set(e, rc, "passt could not start: %s%s", words,
		       strstr(words, "nterface")
			       ? "; this host needs a default route"
			       : "");
}
