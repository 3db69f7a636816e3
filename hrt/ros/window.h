/* SPDX-License-Identifier: Apache-2.0 */
/* The window and the bell, as a program of Linux gets them. */
#ifndef HRT_ROS_WINDOW_H
#define HRT_ROS_WINDOW_H

#include "base/err.h"

/* What a partner opens: the window from its second 2 MiB on; what can be read
 * when the kernel rings; configuration space of that bell. */
#define ROS_DAX    "/dev/dax0.0"
#define ROS_UIO    "/dev/uio0"
#define ROS_CONFIG "/sys/class/uio/uio0/device/config"

/**
 * struct ros_window - the first process's own view
 * @area: first 2 MiB of ROS_DAX
 */
struct ros_window {
	struct dive_delegate *area;
};

/**
 * ros_window_open() - set up window and bell through sysfs
 * @w: filled; for as long as this Linux runs
 * @e: filled on failure
 *
 * The calling process may ring the kernel then, and so may a process that it
 * becomes; a child asks for that anew.
 *
 * Return: 0, or -errno.
 */
int must_check ros_window_open(struct ros_window *w, struct err *e);

/**
 * ros_window_gone() - tell the kernel that the partner has ended
 * @w: opened
 *
 * Nothing when the partner has ended as its program did.
 */
void ros_window_gone(const struct ros_window *w);

#endif
