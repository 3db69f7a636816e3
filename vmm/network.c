// SPDX-License-Identifier: Apache-2.0
// --net: a cable to the host, and the card at its other end.
#include "vmm/network.h"

#include <fcntl.h>

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
	n->card.vhost.fd = -1;
	rc = net_link_open(&n->link, text, number, e);
	if (rc)
		return rc;
	virtio_net_init(&n->card, mem, n->link.cable, n->link.spec.mac);
	n->card.gone = on_gone;
	n->card.ctx = n;
	if (n->link.cable->is_tap)
		virtio_net_use_vhost(&n->card, open("/dev/vhost-net",
						    O_RDWR | O_CLOEXEC));
	return 0;
}

void network_close(struct network *n)
{
	if (n->card.vhost.fd >= 0)
		vhost_net_close(&n->card.vhost);
	net_link_close(&n->link);
}

bool network_trouble(struct network *n, char *words, size_t size)
{
	if (!atomic_exchange(&n->lost, false))
		return false;
	net_link_lost(&n->link, n->card.error, words, size);
	return true;
}
