// SPDX-License-Identifier: Apache-2.0
// The window as Linux shows it (devdax), and the room of the program.
#include "hrt/partner/window.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void *reserve(uintptr_t begin, size_t bytes, int how)
{
	// cppcheck-suppress intToPointerCast
	return mmap((void *)begin, bytes, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | how, -1, 0);
}

int window_reserve(const struct partner *p, struct err *err)
{
	if (reserve(p->begin, p->end - p->begin, MAP_FIXED_NOREPLACE) !=
	    MAP_FAILED)
		return 0;
	return err_set(err, -errno,
		       "the program's addresses are not free: %s; is "
		       "`ulimit -v` or `ulimit -s unlimited` set?",
		       strerror(errno));
}

int window_find(struct err *err)
{
	glob_t found = { 0 };
	char path[64] = "";
	int fd;

	if (!glob("/sys/bus/dax/devices/dax*", 0, NULL, &found))
		snprintf(path, sizeof(path), "/dev/%s",
			 strrchr(found.gl_pathv[0], '/') + 1);
	globfree(&found);
	if (!path[0])
		return err_set(err, -ENODEV,
			       "there is no devdax in this Linux: the window "
			       "(dive --window) is not set up");
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, errno == ENOENT ? -ENODEV : -errno,
			       "%s: %s", path, strerror(errno));
	return fd;
}

/* A device's size is said in sysfs only. */
static uint64_t size_of(int fd)
{
	char path[64], text[32] = "";
	struct stat status;
	FILE *file;

	if (fstat(fd, &status))
		return 0;
	if (S_ISREG(status.st_mode))
		return (uint64_t)status.st_size;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/size",
		 major(status.st_rdev), minor(status.st_rdev));
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return strtoull(text, NULL, 10);
}

int window_map(struct partner *p, int fd, struct err *err)
{
	uint64_t size = size_of(fd);
	void *area;

	if (size < DIVE_DELEGATE_MEMORY - DIVE_DELEGATE_AREA + DIVE_PIECE)
		return err_set(err, -ENOSPC, "the window is too small");
	/* Held by the mapping, too: as long as this process lives. */
	if (flock(fd, LOCK_EX | LOCK_NB))
		return err_set(err, -EBUSY, "the kernel runs another program");
	area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (area == MAP_FAILED)
		return err_set(err, -errno, "cannot map the window: %s",
			       strerror(errno));
	p->area = area;
	p->size = size;
	return 0;
}

/* A second mapping of the same pages; no descriptor is needed for it. */
int partner_map(const struct partner *p, uint64_t address, uint64_t offset,
		uint64_t bytes)
{
	int error;

	if ((address | offset | bytes) % DIVE_PIECE || bytes == 0 ||
	    offset < DIVE_DELEGATE_MEMORY)
		return -EINVAL;
	offset -= DIVE_DELEGATE_AREA;
	if (address < p->begin || address > p->end ||
	    bytes > p->end - address || offset > p->size ||
	    bytes > p->size - offset)
		return -EINVAL;
	// cppcheck-suppress intToPointerCast
	if (mremap(p->area + offset, 0, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
		   (void *)(uintptr_t)address) != MAP_FAILED)
		return 0;
	error = -errno;
	/* What was there may be gone; malloc() must not get it. */
	(void)reserve(address, bytes, MAP_FIXED);
	return error;
}
