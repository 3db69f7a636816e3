/* SPDX-License-Identifier: Apache-2.0 */
/* The Linux that runs programs beside the kernel. */
#ifndef CLI_LINUX_H
#define CLI_LINUX_H

#include "cli/options.h"

/**
 * struct linux_image - where it is
 * @vmlinux: kernel
 * @initrd: and its first files
 * @cwd: current directory
 */
struct linux_image {
	char *vmlinux;
	char *initrd;
	char *cwd;
};

/**
 * linux_find() - look beside this program, then where it is installed
 * @l: overwritten; linux_free() in any case
 * @o: its @ros is completed; borrows from @l
 * @e: how to get it
 *
 * Return: 0 or -EINVAL.
 */
int must_check linux_find(struct linux_image *l, struct options *o,
			  struct err *e);

/**
 * linux_free() - release what linux_find() took
 * @l: zeroed, or found
 */
void linux_free(struct linux_image *l);

#endif
