// SPDX-License-Identifier: Apache-2.0
// The end of a VM, when nobody should wait for it.
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm/machine.h"

/*
 * Closing a VM with the PC's interrupt chips takes KVM 10 to 20 ms. Nobody
 * should wait for that: a child keeps the descriptors until we are gone, then
 * closes them. It has no memory of the guest and no other descriptor.
 */
void machine_leave_teardown(const struct machine *m)
{
	unsigned int last = (unsigned int)m->cpu[m->board.cpus - 1].fd;
	int alive[2];
	char byte;

	/* syscall: pipe2, madvise, clone[0&CLONE_NAMESPACES=0], read */
	/* syscall: dup2, close_range, exit_group */
	if (pipe2(alive, O_CLOEXEC))
		return;
	if (madvise(m->ram, m->ram_size, MADV_DONTFORK) == 0 && fork() == 0) {
		int wait = dup2(alive[0], 0);

		close_range(1, (unsigned int)m->vm.fd - 1, 0);
		close_range(last + 1, ~0u, 0);
		while (wait == 0 && read(0, &byte, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	/* alive[1] closes when this process ends. */
	close(alive[0]);
}
