// SPDX-License-Identifier: Apache-2.0
// One end of an Ethernet cable, whatever its kind.
#include "vmm/net/ether.h"

bool ether_room(struct ether *c)
{
	return !c->ops->room || c->ops->room(c);
}

int ether_send(struct ether *c, const struct iovec *frame, unsigned int pieces,
	       size_t size)
{
	return c->ops->send(c, frame, pieces, size);
}

int ether_flush(struct ether *c)
{
	return c->ops->flush ? c->ops->flush(c) : 0;
}

int ether_peek(struct ether *c, const uint8_t **frame, size_t *size)
{
	return c->ops->peek(c, frame, size);
}

void ether_drop(struct ether *c)
{
	c->ops->drop(c);
}

void ether_close(struct ether *c)
{
	if (c)
		c->ops->close(c);
}
