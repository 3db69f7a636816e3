// SPDX-License-Identifier: Apache-2.0
// The window and the bell, as a program of Linux gets them.
#include "hrt/ros/window.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "contract/dive/delegate.h"

#define ND   "/sys/bus/nd/devices/"
#define BELL "4456 0001" /* vendor and device of the PCI function */

#define TRIES 10000 /* about five seconds */

static int try_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = io_write_all(fd, text, strlen(text));
	close(fd);
	return ret;
}

/*
 * Linux makes these devices in threads of its own, some time after the module
 * was loaded, and their files before they can be found.
 */
static int put(const char *path, const char *text, struct err *e)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	int ret = try_put(path, text);

	for (int i = 0; (ret == -ENOENT || ret == -ENODEV) && i < TRIES; i++) {
		nanosleep(&pause, NULL);
		ret = try_put(path, text);
	}
	return ret ? err_set(e, ret, "writing %s to %s: %s", text, path,
			     strerror(-ret))
		   : 0;
}

/*
 * Persistent memory becomes a character device: Linux calls that a namespace,
 * region0's only one, and a dax device on it, whose seed is there already.
 * Pages of 2 MiB; what Linux keeps about them is in its own memory.
 */
static int make_dax(struct err *e)
{
	static const char *const step[][2] = {
		{ ND "dax0.0/uuid", "64697665-6469-4665-8469-766564697665" },
		{ ND "dax0.0/mode", "ram" },
		{ ND "dax0.0/align", "2097152" },
		{ ND "dax0.0/namespace", "namespace0.0" },
		{ "/sys/bus/nd/drivers/dax_pmem/bind", "dax0.0" },
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(step) / sizeof(step[0]); i++)
		ret = put(step[i][0], step[i][1], e);
	return ret;
}

int ros_window_open(struct ros_window *w, struct err *e)
{
	int ret = make_dax(e), fd;

	if (!ret)
		ret = put("/sys/bus/pci/drivers/uio_pci_generic/new_id", BELL,
			  e);
	if (!ret && (access(ROS_UIO, F_OK) || access(ROS_CONFIG, F_OK)))
		ret = err_set(e, -errno, "there is no bell: %s",
			      strerror(errno));
	if (ret)
		return ret;
	fd = open(ROS_DAX, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "opening the window: %s",
			       strerror(errno));
	w->area = mmap(NULL, DIVE_PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       0);
	if (w->area == MAP_FAILED)
		ret = err_set(e, -errno, "mapping the window: %s",
			      strerror(errno));
	close(fd);
	if (!ret && ioperm(DIVE_DELEGATE_PORT, 1, 1))
		ret = err_set(e, -errno, "asking for the doorbell's port: %s",
			      strerror(errno));
	return ret;
}

void ros_window_gone(const struct ros_window *w)
{
	uint32_t *state = &w->area->partner_state;

	if (__atomic_load_n(state, __ATOMIC_SEQ_CST) != DIVE_PARTNER_READY)
		return;
	__atomic_store_n(state, DIVE_PARTNER_GONE, __ATOMIC_SEQ_CST);
	outb(0, DIVE_DELEGATE_PORT);
}
