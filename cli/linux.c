// SPDX-License-Identifier: Apache-2.0
// The Linux that runs programs beside the kernel: where it is, what it is given.
#include "cli/linux.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hrt/job.h"
#include "hrt/ros.h"

/* Relative to the directory of this program. */
static const char *const places[] = { "ros", "../lib/dive/ros" };

static bool is_there(struct linux_image *l, const char *dir, const char *place)
{
	free(l->vmlinux);
	free(l->initrd);
	if (asprintf(&l->vmlinux, "%s/%s/vmlinux", dir, place) < 0)
		l->vmlinux = NULL;
	if (asprintf(&l->initrd, "%s/%s/initrd", dir, place) < 0)
		l->initrd = NULL;
	return l->vmlinux && l->initrd && access(l->vmlinux, R_OK) == 0 &&
	       access(l->initrd, R_OK) == 0;
}

int linux_find(struct linux_image *l, struct options *o, struct err *e)
{
	struct run_config *ros = &o->ros;
	char dir[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	size_t i = 0;

	*l = (struct linux_image){ .cwd = getcwd(NULL, 0) };
	while (n > 0 && dir[n - 1] != '/')
		n--;
	dir[n > 0 ? n - 1 : 0] = '\0';
	while (i < sizeof(places) / sizeof(places[0]) &&
	       !is_there(l, dir, places[i]))
		i++;
	if (i == sizeof(places) / sizeof(places[0]))
		return err_set(e, -EINVAL,
			       "no Linux to put beside the kernel: there is no "
			       "%.200s/%s/vmlinux: 'make ros' builds it; or "
			       "name one with --ros",
			       dir, places[0]);
	if (!l->cwd)
		return err_set(e, -EINVAL,
			       "the current directory has no name: %s",
			       strerror(errno));
	ros->image = l->vmlinux; /* owned there */
	l->vmlinux = NULL;
	ros->initrd[ros->initrds++] = (struct run_file){ l->initrd, "" };
	ros->cmdline = o->console == CONSOLE_HRT
			       ? ROS_CMDLINE
			       : ROS_CMDLINE_CONSOLE ROS_CMDLINE;
	ros->share[ros->shares++] =
		(struct run_share){ "/", JOB_SHARE_ROOT, true };
	ros->share[ros->shares++] =
		(struct run_share){ l->cwd, JOB_SHARE_CWD, false };
	return 0;
}

void linux_free(struct linux_image *l)
{
	free(l->vmlinux);
	free(l->initrd);
	free(l->cwd);
	*l = (struct linux_image){ NULL, NULL, NULL };
}
