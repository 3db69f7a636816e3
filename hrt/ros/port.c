// SPDX-License-Identifier: Apache-2.0
// Named ports of the virtio console.
#include "hrt/ros/port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLASS     "/sys/class/virtio-ports"
#define WAIT_MS   10000
#define LABEL_MAX 64 /* bytes of a port's name that are looked at */

static bool has_name(const char *port, const char *name)
{
	char path[sizeof(CLASS) + 256 + 8], text[LABEL_MAX];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), CLASS "/%.255s/name", port);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text));
	close(fd);
	/* A line feed is behind it. */
	return n == (ssize_t)strlen(name) + 1 &&
	       !memcmp(text, name, strlen(name));
}

/* Return: as port_open(), -ENODEV when it is not there yet. */
static int try_open(const char *name, struct err *e)
{
	DIR *folder = opendir(CLASS);
	const struct dirent *entry;
	char path[sizeof("/dev/") + 256];
	int fd = -ENODEV;

	// NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
	while (folder && fd == -ENODEV && (entry = readdir(folder))) {
		if (!has_name(entry->d_name, name))
			continue;
		snprintf(path, sizeof(path), "/dev/%.255s", entry->d_name);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			fd = err_set(e, -errno, "opening port %s: %s", name,
				     strerror(errno));
	}
	if (folder)
		closedir(folder);
	return fd;
}

int port_open(const char *name, struct err *e)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int ms = 0; ms < WAIT_MS; ms++) {
		int fd = try_open(name, e);

		if (fd != -ENODEV)
			return fd;
		nanosleep(&pause, NULL);
	}
	return err_set(e, -ENODEV, "dive has given no port %s", name);
}
