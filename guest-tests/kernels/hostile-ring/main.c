// SPDX-License-Identifier: ISC
// Hostile: publishes impossible indices on its three rings, then exits with 0.
#include "contract/guest/internal.h"

static struct dive_ring *ring(enum dive_ring_id id)
{
	return (struct dive_ring *)dive_links.ring[id].start;
}

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	dive_printf("before\n");
	ring(RING_STDOUT)->write_index += 0x7fffffff;
	ring(RING_CONSOLE)->write_index -= 1;
	ring(RING_STDIN)->read_index += 12345;
	ring(RING_STDIN)->producer_waits = 0xffffffff;
	for (int i = 0; i < 100; i++)
		dive_ring_host();
	return 0;
}
