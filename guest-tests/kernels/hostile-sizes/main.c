// SPDX-License-Identifier: ISC
// Hostile: overwrites every field that only the host may write, then goes on.
#include "contract/guest/internal.h"

int dive_main(const struct dive_boot *boot)
{
	struct dive_control *control = dive_control();

	(void)boot;
	for (int i = 0; i < RINGS; i++) {
		struct dive_ring *ring =
			(struct dive_ring *)dive_links.ring[i].start;

		ring->magic = 0;
		ring->version = 77;
		ring->header = 0xfffffff0;
		ring->size = 0x80000000;
	}
	control->magic = 0;
	control->version = 77;
	control->size = 0xffffffff;
	dive_printf("still here\n");
	return 3;
}
