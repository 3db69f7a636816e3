// SPDX-License-Identifier: Apache-2.0
// Starts virtiofsd for one shared directory.
#include "vmm/share_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/world.h"

/* --- in the child, before it becomes virtiofsd --------------------------- */

struct place {
	bool readonly;
	bool is_root;
	unsigned int uid;
	unsigned int gid;
};

/*
 * The daemon wants to have no groups, which nobody without privileges can
 * grant. It keeps those of the user; that it asks shall not end it.
 */
static int ignore_setgroups(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setgroups, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]),
					    code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* Root of a world with one user; what it may do is what that user may. */
static int enter_user(const struct place *p)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return -1;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) || unshare(CLONE_NEWUSER) ||
	    world_map(p->uid, p->gid))
		return -1;
	return ignore_setgroups();
}

/* The old daemon cannot do it: it gets a world where nothing can be written. */
static int enter_readonly(void)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	return mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &readonly,
			     sizeof(readonly));
}

static int enter(const void *arg)
{
	const struct place *p = arg;
	int rc = p->is_root ? 0 : enter_user(p);

	if (!rc && p->readonly)
		rc = enter_readonly();
	return rc;
}

/* --- in dive -------------------------------------------------------------- */

/*
 * virtiofsd takes a listening socket. Ours has a name that the kernel chose,
 * and the one connection that it will accept is there before it is started.
 */
static int make_sockets(int *ret_listen, int *ret_socket)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(name.sun_family);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (listener >= 0 && fd >= 0 &&
	    bind(listener, (struct sockaddr *)&name, size) == 0 &&
	    listen(listener, 0) == 0) {
		size = sizeof(name);
		if (getsockname(listener, (struct sockaddr *)&name, &size) ==
			    0 &&
		    connect(fd, (struct sockaddr *)&name, size) == 0) {
			*ret_listen = listener;
			*ret_socket = fd;
			return 0;
		}
	}
	rc = -errno;
	if (listener >= 0)
		close(listener);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Commas and backslashes mean something in -o. */
static void escape(const char *from, char *to)
{
	for (; *from; from++) {
		if (*from == ',' || *from == '\\')
			*to++ = '\\';
		*to++ = *from;
	}
	*to = '\0';
}

struct program {
	const char *path; /* without a slash: in $PATH */
	bool is_old;
};

static int start_one(struct daemon *d, const struct program *p, const char *dir,
		     const struct place *place, int socket, struct err *e)
{
	char source[sizeof("source=") + 2 * PATH_MAX];
	char shared[sizeof("--shared-dir=") + PATH_MAX];
	static const char fd[] = "--fd=" DAEMON_FD_;
	const char *const limit = place->is_root ? NULL : "--rlimit-nofile=0";
	/* It cannot make its own root out of all there is. */
	const bool all = !strcmp(dir, "/");
	const char *const old[] = { p->path,
				    fd,
				    "-f",
				    "-o",
				    source,
				    "-o",
				    "log_level=err",
				    "-o",
				    all ? "sandbox=chroot"
					: "sandbox=namespace",
				    limit,
				    NULL };
	const char *const new[] = { p->path,
				    fd,
				    shared,
				    "--log-level=error",
				    all ? "--sandbox=chroot"
					: "--sandbox=namespace",
				    limit,
				    NULL };
	const struct daemon_program how = { p->is_old ? old : new, enter,
					    place };

	escape(dir, stpcpy(source, "source="));
	snprintf(shared, sizeof(shared), "--shared-dir=%s", dir);
	return daemon_start_in(d, &how, socket, e);
}

static int start(struct daemon *d, const char *dir, const struct place *place,
		 int socket, struct err *e)
{
	/* Before QEMU 8 it was part of QEMU, in C, with other options. */
	static const struct program programs[] = {
		{ "virtiofsd", false },
		{ "/usr/libexec/virtiofsd", false },
		{ "/usr/lib/virtiofsd", false },
		{ "/usr/lib/qemu/virtiofsd", true },
	};
	int rc = -ENOENT;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		rc = start_one(d, &programs[i], dir, place, socket, e);
		/* EACCES: also of a folder in $PATH. */
		if (rc != -ENOENT && rc != -EACCES)
			break;
	}
	if (rc == -ENOENT)
		return err_set(e, -ENODEV,
			       "no virtiofsd here: install the package that "
			       "has it (Debian 12: qemu-system-common; others: "
			       "virtiofsd)");
	if (rc == -ENOSYS && place->readonly)
		return err_wrap(e, ":ro needs Linux 5.12 or newer");
	if (rc && !place->is_root)
		return err_wrap(e, "without root a user namespace is needed, "
				   "and the system may forbid them (see "
				   "'sysctl kernel.unprivileged_userns_clone "
				   "user.max_user_namespaces')");
	return rc;
}

int share_daemon_start(struct daemon *d, const struct run_share *share,
		       int *ret_socket, struct err *e)
{
	const struct place place = { .readonly = share->readonly,
				     .is_root = geteuid() == 0,
				     .uid = geteuid(),
				     .gid = getegid() };
	char *dir = realpath(share->dir, NULL);
	struct stat st;
	int listener = -1, rc;

	*d = (struct daemon){ .pidfd = -1, .messages = -1 };
	if (!dir || stat(dir, &st)) {
		rc = err_set(e, -EINVAL, "%s", strerror(errno));
	} else if (!S_ISDIR(st.st_mode)) {
		rc = err_set(e, -EINVAL, "not a directory");
	} else {
		rc = make_sockets(&listener, ret_socket);
		if (rc)
			err_set(e, rc, "no socket for virtiofsd: %s",
				strerror(-rc));
	}
	if (!rc) {
		rc = start(d, dir, &place, listener, e);
		close(listener);
		if (rc)
			close(*ret_socket);
	}
	free(dir);
	return rc;
}
