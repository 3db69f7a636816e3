// SPDX-License-Identifier: Apache-2.0
// The modules that the first process of Linux loads.
#include "hrt/ros/modules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULES "/modules"

/* Names begin with numbers, which say what has to be there before what. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int load(const char *name, struct err *e)
{
	char path[PATH_MAX];
	int ret = 0, fd;

	snprintf(path, sizeof(path), MODULES "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		ret = err_set(e, -errno, "loading %s: %s", name,
			      strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret;
}

int modules_load(struct err *e)
{
	struct dirent **names;
	int n = scandir(MODULES, &names, is_module, by_name), ret = 0;

	if (n < 0)
		return err_set(e, -errno, "reading %s: %s", MODULES,
			       strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!ret)
			ret = load(names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	return ret;
}
