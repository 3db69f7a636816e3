// SPDX-License-Identifier: Apache-2.0
// Devices: --disk [NAME:]FILE[:ro], --net [NAME:]NETWORK, --virtio TRANSPORT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "vmm/net/spec.h"

/* Letters and digits before a colon are a name; ./a:b is a file. */
static char *split_name(char *arg, struct run_name *ret)
{
	size_t n = strspn(arg, "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	if (n == 0 || arg[n] != ':')
		return arg;
	*ret = (struct run_name){ .text = arg, .size = n };
	return arg + n + 1;
}

int options_set_disk(struct options *o, char *arg, struct err *e)
{
	struct run_disk *disk = &o->run.disk[o->run.disks];
	struct run_name name = { .size = 0 };
	size_t len = strlen(arg);
	bool readonly = len > 3 && strcmp(arg + len - 3, ":ro") == 0;
	char *path = arg;

	if (o->run.disks == RUN_DISKS_MAX)
		return err_set(e, -EINVAL, "more than %d disks", RUN_DISKS_MAX);
	/* A file "a:ro" is a, and not ro by the name of a. */
	if (readonly)
		len -= 3;
	if (memchr(arg, ':', len))
		path = split_name(arg, &name);
	len -= (size_t)(path - arg);
	if (!*path)
		return err_set(e, -EINVAL, "the name of the file is empty");
	*disk = (struct run_disk){ name, strndup(path, len), readonly };
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
	if (!o->run.virtio_mmio && strcmp(arg, "pci") != 0)
		return err_set(e, -EINVAL, "it is pci or mmio, not '%s'", arg);
	return 0;
}

int options_set_net(struct options *o, char *arg, struct err *e)
{
	struct run_name name = { .size = 0 };
	const char *text = split_name(arg, &name);
	struct net_spec spec;

	if (o->run.nets == RUN_NETS_MAX)
		return err_set(e, -EINVAL, "more than %d networks",
			       RUN_NETS_MAX);
	o->run.net[o->run.nets++] = (struct run_net){ name, text };
	return net_spec_parse(text, &spec, e);
}
