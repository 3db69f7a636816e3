// SPDX-License-Identifier: ISC
// Hostile: one CPU refills the stdout ring by its index alone, as fast as it is
// emptied, while the other rings the host.
#include "contract/guest/internal.h"

static struct dive_ring *ring(void)
{
	return (struct dive_ring *)dive_links.ring[RING_STDOUT].start;
}

static void pump(void *arg)
{
	struct dive_ring *r = ring();

	(void)arg;
	for (;;)
		__atomic_store_n(&r->write_index,
				 __atomic_load_n(&r->read_index,
						 __ATOMIC_ACQUIRE) +
					 r->size,
				 __ATOMIC_RELEASE);
}

int dive_main(const struct dive_boot *boot)
{
	if (boot->cpu_count < 2)
		dive_panic("needs --cpus 2");
	dive_cpu_start(1, pump, NULL);
	for (;;)
		dive_ring_host();
}
