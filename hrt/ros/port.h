/* SPDX-License-Identifier: Apache-2.0 */
/* Named ports of the virtio console. */
#ifndef HRT_ROS_PORT_H
#define HRT_ROS_PORT_H

#include "base/err.h"

/**
 * port_open() - open the port of this name; its host sees that
 * @name: JOB_PORT_*
 * @e: filled on failure
 *
 * The driver learns names some time after it was loaded; this waits for them.
 *
 * Return: non-blocking descriptor for reading and writing, -ENODEV when there
 * is none for some seconds, else -errno.
 */
int must_check port_open(const char *name, struct err *e);

#endif
