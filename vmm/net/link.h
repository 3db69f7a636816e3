/* SPDX-License-Identifier: Apache-2.0 */
/* One --net: a cable, and who is at the host's end of it. */
#ifndef VMM_NET_LINK_H
#define VMM_NET_LINK_H

#include "vmm/daemon.h"
#include "vmm/net/spec.h"

/**
 * struct net_link - what one --net makes
 * @spec: what the user asked for
 * @daemon: passt, for NET_USER
 * @cable: NULL = none
 */
struct net_link {
	struct net_spec spec;
	struct daemon daemon;
	struct ether *cable;
};

/**
 * net_link_open() - lay the cable; passt starts, but is not waited for
 * @l: overwritten
 * @text: see net_spec_parse()
 * @number: how many the machine already has
 * @e: what is wrong with @text, or why the host has no such network
 *
 * Early, see daemon_start().
 *
 * Return: 0 or -errno; net_link_close() in both cases.
 */
int must_check net_link_open(struct net_link *l, const char *text,
			     unsigned int number, struct err *e);

/**
 * net_link_wait() - until the other end is ready
 * @l: open
 * @e: why it will not be
 *
 * Return: 0 or -errno.
 */
int must_check net_link_wait(struct net_link *l, struct err *e);

/**
 * net_link_lost() - why the cable is of no use any more
 * @l: open; passt is reaped
 * @error: what ether_send() or ether_peek() said, -errno
 * @words: for the user
 * @size: of @words
 */
void net_link_lost(struct net_link *l, int error, char *words, size_t size);

/**
 * net_link_close() - pull the plug; what the guest has sent still goes out
 * @l: open or zeroed
 */
void net_link_close(struct net_link *l);

#endif
