/* SPDX-License-Identifier: Apache-2.0 */
/* The modules that the first process of Linux loads. */
#ifndef HRT_ROS_MODULES_H
#define HRT_ROS_MODULES_H

#include "base/err.h"

/**
 * modules_load() - load every module in /modules, by name
 * @e: filled on failure
 *
 * Return: 0, or -errno; a module that is there already is no error.
 */
int must_check modules_load(struct err *e);

#endif
