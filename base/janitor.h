/* SPDX-License-Identifier: Apache-2.0 */
/* Removes a file at the end, though dive itself may not by then. */
#ifndef BASE_JANITOR_H
#define BASE_JANITOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/**
 * struct janitor - a child that waits for our end
 * @pid: of the child; 0 = none
 * @fd: pipe to it
 */
struct janitor {
	pid_t pid;
	int fd;
};

/**
 * janitor_start() - have a file removed, however this process ends
 * @j: overwritten
 * @path: of the file
 * @if_empty: only if nothing was written to it
 * @e: why not
 *
 * A confined process sees no files; the child was made before.
 *
 * Return: 0 or -errno.
 */
int must_check janitor_start(struct janitor *j, const char *path, bool if_empty,
			     struct err *e);

/**
 * janitor_finish() - now, and wait until it is gone
 * @j: started or zeroed; zeroed afterwards
 */
void janitor_finish(struct janitor *j);

#endif
