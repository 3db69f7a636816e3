/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/self/exe: for Linux that is the partner, for the program itself. */
#ifndef MINNOW_LINUX_EXE_H
#define MINNOW_LINUX_EXE_H

#include "argument.h"
#include "call.h"

/**
 * exe_init() - a new program; it has no memory for its path yet
 */
void exe_init(void);

/**
 * exe_replace() - where Linux is to be given /proc/self/exe, give it the path
 * @kinds: of the call
 * @arg: checked; a path in it is replaced
 *
 * Return: 0 or -errno.
 */
int exe_replace(const struct argument kinds[ARGUMENTS],
		uint64_t arg[ARGUMENTS]);

call_fn sys_readlink, sys_readlinkat;

#endif
