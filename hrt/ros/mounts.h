/* SPDX-License-Identifier: Apache-2.0 */
/* What the first process of Linux mounts. */
#ifndef HRT_ROS_MOUNTS_H
#define HRT_ROS_MOUNTS_H

#include "base/err.h"

/* The host's files; a program has this as its root. */
#define MOUNTS_HOST "/host"

/**
 * mounts_own() - /proc, /sys and /dev of the first process
 * @e: filled on failure
 *
 * Return: 0, or -errno.
 */
int must_check mounts_own(struct err *e);

/**
 * mounts_host() - the root of programs: all of the host, read only, with this
 *	Linux's /proc, /sys and /dev and an empty /tmp in it
 * @e: filled on failure
 *
 * Return: 0, or -errno.
 */
int must_check mounts_host(struct err *e);

/**
 * mounts_cwd() - the one directory that programs can write to
 * @cwd: where it is on the host, absolute
 * @e: filled on failure
 *
 * Return: 0, or -errno.
 */
int must_check mounts_cwd(const char *cwd, struct err *e);

#endif
