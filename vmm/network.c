// SPDX-License-Identifier: Apache-2.0
// --net: a cable to the host, and the card at its other end.
#include "vmm/network.h"

static void on_gone(void *ctx, struct virtio_net *card)
{
	struct network *n = ctx;

	(void)card;
	atomic_store(&n->lost, true);
	n->wake(n->ctx);
}

int network_open(struct network *n, const char *text, unsigned int number,
		 const struct gmem *mem, struct err *e)
{
	int rc;

	atomic_init(&n->lost, false);
	rc = net_link_open(&n->link, text, number, e);
	if (rc)
		return rc;
	virtio_net_init(&n->card, mem, n->link.cable, n->link.spec.mac);
	n->card.gone = on_gone;
	n->card.ctx = n;
	return 0;
}

bool network_trouble(struct network *n, char *words, size_t size)
{
	if (!atomic_exchange(&n->lost, false))
		return false;
	net_link_lost(&n->link, n->card.error, words, size);
	return true;
}
