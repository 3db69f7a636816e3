/* SPDX-License-Identifier: Apache-2.0 */
/* What --net says. */
#ifndef VMM_NET_SPEC_H
#define VMM_NET_SPEC_H

#include <arpa/inet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "vmm/net/ether.h"

#define NET_FORWARDS_MAX 16

enum net_kind {
	NET_USER, /* passt */
	NET_TAP,
	NET_FD,
};

/**
 * struct net_forward - a port of the host that leads to the guest
 * @udp: or TCP
 * @host: address to listen at
 * @port: port of @host, not 0
 * @guest_port: port of the guest, not 0
 */
struct net_forward {
	bool udp;
	char host[INET6_ADDRSTRLEN];
	uint16_t port;
	uint16_t guest_port;
};

/**
 * struct net_spec - a network for the guest
 * @kind: what is behind it
 * @tap: NET_TAP: name of the interface
 * @fd: NET_FD: the descriptor
 * @mac: address of the guest
 * @mac_given: by the user
 * @forward: NET_USER: ports
 * @forwards: entries of @forward
 */
struct net_spec {
	enum net_kind kind;
	char tap[IFNAMSIZ];
	int fd;
	uint8_t mac[ETHER_ADDR_SIZE];
	bool mac_given;
	struct net_forward forward[NET_FORWARDS_MAX];
	unsigned int forwards;
};

/**
 * net_spec_parse() - understand the value of --net
 * @text: user[,hostfwd=PROTOCOL:[HOST]:PORT-:PORT]..., tap=NAME or fd=N, and
 *	each with ,mac=ADDRESS
 * @spec: overwritten
 * @e: what is wrong with @text
 *
 * PROTOCOL is tcp or udp. HOST is an IPv4 address, or an IPv6 address in
 * brackets; without one it is 127.0.0.1, so that nobody outside gets in by
 * accident.
 *
 * Without an address of its own, a guest at a tap gets one that comes of the
 * tap's name: others may be on the same bridge.
 *
 * Return: 0 or -EINVAL.
 */
int must_check net_spec_parse(const char *text, struct net_spec *spec,
			      struct err *e);

#endif
