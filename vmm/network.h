/* SPDX-License-Identifier: Apache-2.0 */
/* --net: a cable to the host, and the card at its other end. */
#ifndef VMM_NETWORK_H
#define VMM_NETWORK_H

#include <stdatomic.h>

#include "vmm/net/link.h"
#include "vmm/virtio/net.h"

/**
 * struct network - a virtio card with its cable
 * @link: the cable
 * @card: what the guest sees; a transport and the machine connect it
 * @lost: the cable is of no use any more and nobody was told
 * @wake: called when @lost becomes true, on any thread, the machine's lock
 *	held
 * @ctx: passed to @wake
 */
struct network {
	struct net_link link;
	struct virtio_net card;
	atomic_bool lost;
	void (*wake)(void *ctx);
	void *ctx;
};

/**
 * network_open() - lay the cable, make the card
 * @n: zeroed; wake and ctx are set by the caller
 * @text: see net_spec_parse()
 * @number: how many the machine already has
 * @mem: guest memory, may be filled later; borrowed
 * @e: see net_link_open()
 *
 * Return: 0 or -errno; network_close() in both cases.
 */
int must_check network_open(struct network *n, const char *text,
			    unsigned int number, const struct gmem *mem,
			    struct err *e);

/**
 * network_close() - pull the plug, see net_link_close()
 * @n: open or zeroed; nobody serves it any more
 */
void network_close(struct network *n);

/**
 * network_trouble() - has the cable been lost since the last call
 * @n: open; any thread that may wait a little
 * @words: for the user: what happened and what it means, if so
 * @size: of @words
 *
 * Return: true once.
 */
bool network_trouble(struct network *n, char *words, size_t size);

#endif
