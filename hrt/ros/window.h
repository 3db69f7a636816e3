/* SPDX-License-Identifier: Apache-2.0 */
/* The window and the bell, as a program of Linux gets them. */
#ifndef HRT_ROS_WINDOW_H
#define HRT_ROS_WINDOW_H

#include "base/err.h"

/**
 * struct ros_window - what a partner needs, open
 * @dax: the window from its second 2 MiB on, a character device
 * @uio: a read returns when the kernel has rung
 * @config: configuration space of the bell
 * @area: the first 2 MiB of @dax
 */
struct ros_window {
	int dax;
	int uio;
	int config;
	struct dive_delegate *area;
};

/**
 * ros_window_open() - set both up through sysfs and open them
 * @w: filled; for as long as this Linux runs
 * @e: filled on failure
 *
 * Return: 0, or -errno.
 */
int must_check ros_window_open(struct ros_window *w, struct err *e);

/**
 * ros_window_gone() - tell the kernel that the partner has ended
 * @w: opened; port 0x5d4 may be written by this process
 */
void ros_window_gone(const struct ros_window *w);

#endif
