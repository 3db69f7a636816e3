// SPDX-License-Identifier: Apache-2.0
// The Linux that runs programs beside the kernel: where it is, what it is given.
#include "cli/linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/beside.h"
#include "hrt/job.h"
#include "hrt/ros.h"

static bool is_there(struct linux_image *l, const char *vmlinux,
		     const char *initrd)
{
	free(l->vmlinux);
	free(l->initrd);
	l->vmlinux = beside(vmlinux);
	l->initrd = beside(initrd);
	return l->vmlinux && l->initrd && access(l->vmlinux, R_OK) == 0 &&
	       access(l->initrd, R_OK) == 0;
}

static int miss(struct err *e)
{
	char *path = beside("ros/vmlinux");
	int rc = err_set(e, -EINVAL,
			 "no Linux to put beside the kernel: there is no "
			 "%.200s: 'make ros' builds it; or name one with --ros",
			 path ? path : "ros/vmlinux");

	free(path);
	return rc;
}

int linux_find(struct linux_image *l, struct options *o, struct err *e)
{
	struct run_config *ros = &o->ros;

	*l = (struct linux_image){ .cwd = getcwd(NULL, 0) };
	/* Where it is built; where it is installed. */
	if (!is_there(l, "ros/vmlinux", "ros/initrd") &&
	    !is_there(l, "../lib/dive/ros/vmlinux", "../lib/dive/ros/initrd"))
		return miss(e);
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
