// SPDX-License-Identifier: Apache-2.0
// The PC board: devices wired to KVM and to the host's streams.
#include <errno.h>
#include <stdlib.h>

#include "vmm/machine.h"

int pc_create(struct machine *m, struct err *e)
{
	(void)m;
	return err_set(e, -ENOEXEC, "the PC board is not built in yet");
}

int pc_tables(struct machine *m, struct err *e)
{
	(void)m;
	(void)e;
	return 0;
}

void pc_flush(struct machine *m)
{
	(void)m;
}

void pc_free(struct machine *m)
{
	free(m->pc);
}
