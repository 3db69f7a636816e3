// SPDX-License-Identifier: Apache-2.0
// Memory in large pages, where the host gives them.
#include "base/huge.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/world.h"

#define PAGE_2M ((uintptr_t)2 << 20)

void *huge_map(uint64_t size, int flags, int fd)
{
	const int rights = PROT_READ | PROT_WRITE;
	uintptr_t room, at;
	char *map;

	/* Room to choose in. */
	map = mmap(NULL, size + PAGE_2M, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return map;
	room = (uintptr_t)map;
	at = (room + PAGE_2M - 1) & ~(PAGE_2M - 1);
	munmap(map, at - room);
	munmap(map + (at - room) + size, room + PAGE_2M - at);
	map = mmap(map + (at - room), size, rights, flags | MAP_FIXED, fd, 0);
	if (map != MAP_FAILED)
		(void)madvise(map, size, MADV_HUGEPAGE);
	return map;
}

/* The root of a tmpfs that nobody else has. */
static int open_tmpfs(void)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), dir = -1;

	if (fs < 0)
		return -1;
	/* As large as its files are, like memory. */
	if (!fsconfig(fs, FSCONFIG_SET_STRING, "huge", "always", 0) &&
	    !fsconfig(fs, FSCONFIG_SET_STRING, "size", "0", 0) &&
	    !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		dir = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	return dir;
}

/* A file there, without a name, takes the place of @fd. */
static bool replace(int fd)
{
	int dir = open_tmpfs(), file;
	bool done;

	if (dir < 0)
		return false;
	file = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	done = file >= 0 && dup3(file, fd, O_CLOEXEC) == fd;
	if (file >= 0)
		close(file);
	close(dir);
	return done;
}

/* The same, by a child that is root in a world of its own. */
static bool replace_as_user(int fd)
{
	const unsigned long how =
		CLONE_NEWUSER | CLONE_NEWNS | CLONE_FILES | SIGCHLD;
	const unsigned int uid = geteuid(), gid = getegid();
	int status = -1;
	pid_t pid = (pid_t)syscall(SYS_clone, how, 0, 0, 0, 0);

	if (pid == 0)
		_exit(world_map(uid, gid) || !replace(fd));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

int huge_file(const char *name, uint64_t size)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING), rc;
	bool large;

	if (fd < 0)
		return -errno;
	large = replace(fd) || replace_as_user(fd);
	if (!ftruncate(fd, (off_t)size) &&
	    (large || !fcntl(fd, F_ADD_SEALS, seals)))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}
