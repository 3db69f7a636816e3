// SPDX-License-Identifier: ISC
// Hostile: ends its standard output long before itself, then tries to go on.
#include "contract/guest/internal.h"

int dive_main(const struct dive_boot *boot)
{
	struct dive_ring *ring =
		(struct dive_ring *)dive_links.ring[RING_STDOUT].start;
	char byte;

	(void)boot;
	dive_printf("before\n");
	ring->producer_state = DIVE_RING_EOF;
	dive_ring_host();
	dive_read(&byte, 1);
	dive_printf("after\n");
	return 3;
}
