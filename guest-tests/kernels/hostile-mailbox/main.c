// SPDX-License-Identifier: ISC
// Hostile: releases a CPU to an address where no code is.
#include "contract/dive/cpu.h"
#include "contract/guest/internal.h"

int dive_main(const struct dive_boot *boot)
{
	struct dive_mailbox *box;

	if (boot->cpu_count < 2)
		dive_panic("needs --cpus 2");
	box = (struct dive_mailbox *)boot->cpu[1].mailbox;
	__atomic_store_n(&box->entry, 0x123456789000, __ATOMIC_RELEASE);
	dive_ipi(boot->cpu[1].apicid, DIVE_RELEASE_VECTOR);
	for (;;)
		dive_pause();
}
