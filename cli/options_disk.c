// SPDX-License-Identifier: Apache-2.0
// --disk FILE[:ro] and --virtio TRANSPORT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

int options_set_disk(struct options *o, char *arg, struct err *e)
{
	struct run_disk *disk = &o->run.disk[o->run.disks];
	size_t len = strlen(arg);
	bool readonly = len > 3 && strcmp(arg + len - 3, ":ro") == 0;

	if (o->run.disks == RUN_DISKS_MAX)
		return err_set(e, -EINVAL, "more than %d disks", RUN_DISKS_MAX);
	if (!*arg)
		return err_set(e, -EINVAL, "the name of the file is empty");
	*disk = (struct run_disk){ strndup(arg, readonly ? len - 3 : len),
				   readonly };
	if (!disk->path)
		return err_set(e, -ENOMEM, "no memory for a file name");
	o->run.disks++;
	return 0;
}

void options_free_disks(struct options *o)
{
	for (unsigned int i = 0; i < o->run.disks; i++)
		free((void *)(uintptr_t)o->run.disk[i].path);
	o->run.disks = 0;
}

int options_set_virtio(struct options *o, char *arg, struct err *e)
{
	o->run.virtio_mmio = strcmp(arg, "mmio") == 0;
	if (!o->run.virtio_mmio && strcmp(arg, "pci"))
		return err_set(e, -EINVAL, "it is pci or mmio, not '%s'", arg);
	return 0;
}
