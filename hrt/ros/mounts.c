// SPDX-License-Identifier: Apache-2.0
// What the first process of Linux mounts.
#include "hrt/ros/mounts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "hrt/job.h"

static int do_mount(const char *what, const char *where, const char *type,
		    unsigned long flags, const char *options, struct err *e)
{
	if (!mount(what, where, type, flags, options))
		return 0;
	return err_set(e, -errno, "mounting %s at %s: %s", what, where,
		       strerror(errno));
}

int mounts_own(struct err *e)
{
	int ret = do_mount("proc", "/proc", "proc", 0, NULL, e);

	if (!ret)
		ret = do_mount("sysfs", "/sys", "sysfs", 0, NULL, e);
	if (!ret)
		ret = do_mount("dev", "/dev", "devtmpfs", 0, NULL, e);
	if (ret)
		return ret;
	if ((mkdir("/dev/pts", 0755) || mkdir("/dev/shm", 0755)) &&
	    errno != EEXIST)
		return err_set(e, -errno, "making /dev/pts and /dev/shm: %s",
			       strerror(errno));
	ret = do_mount("devpts", "/dev/pts", "devpts", 0,
		       "mode=0620,ptmxmode=0666", e);
	if (!ret)
		ret = do_mount("shm", "/dev/shm", "tmpfs", 0, "mode=1777", e);
	return ret;
}

int mounts_host(struct err *e)
{
	static const struct {
		const char *from;
		const char *to;
		const char *type;
		unsigned long flags;
	} in_it[] = {
		{ "proc", MOUNTS_HOST "/proc", "proc", 0 },
		{ "/sys", MOUNTS_HOST "/sys", NULL, MS_BIND },
		{ "/dev", MOUNTS_HOST "/dev", NULL, MS_BIND | MS_REC },
		{ "tmp", MOUNTS_HOST "/tmp", "tmpfs", 0 },
	};
	int ret = do_mount(JOB_SHARE_ROOT, MOUNTS_HOST, "virtiofs", MS_RDONLY,
			   NULL, e);

	for (size_t i = 0; !ret && i < sizeof(in_it) / sizeof(in_it[0]); i++)
		ret = do_mount(in_it[i].from, in_it[i].to, in_it[i].type,
			       in_it[i].flags, NULL, e);
	return ret;
}

/* The directory may be in our own /tmp; anywhere else the host has it. */
static void make_folders(char *path)
{
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(path, 0777);
		*slash = '/';
	}
	(void)mkdir(path, 0777);
}

int mounts_cwd(const char *cwd, struct err *e)
{
	char path[PATH_MAX + sizeof(MOUNTS_HOST)];
	int n;

	n = snprintf(path, sizeof(path), MOUNTS_HOST "%s", cwd);
	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(e, -ENAMETOOLONG, "directory %.60s: %s", cwd,
			       strerror(ENAMETOOLONG));
	make_folders(path);
	return do_mount(JOB_SHARE_CWD, path, "virtiofs", 0, NULL, e);
}
