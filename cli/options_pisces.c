// SPDX-License-Identifier: Apache-2.0
// A kernel on CPUs and memory of its own: what goes with it, and --trust.
#include <errno.h>

#include "cli/options.h"

int options_check_pisces(struct options *o, struct err *e)
{
	const struct run_config *c = &o->run;

	if (c->role != RUN_PISCES)
		return o->trust ? err_set(e, -EINVAL,
					  "--trust goes with --mode pisces "
					  "only")
				: 0;
	if (c->cpu_mask || c->page_size || c->disks || c->nets || c->shares ||
	    c->rng || c->modules || c->gdb || c->trace || c->strict ||
	    c->quiet_cpu || c->virtio_mmio || c->virtio_console || o->core ||
	    o->stats || o->screen || o->repeat)
		return err_set(e, -EINVAL,
			       "with --mode pisces there is no virtual "
			       "machine: --mem, --cpus, --pin, --initrd, "
			       "--timeout, --timing and what tells the outcome "
			       "are all that goes with it");
	if (!o->trust)
		return err_set(e, -EINVAL,
			       "--mode pisces isolates performance and "
			       "protects nothing: the kernel can read, change "
			       "and reset all of this machine. If you trust "
			       "it as you trust Linux, say so with --trust");
	return 0;
}
