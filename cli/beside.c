// SPDX-License-Identifier: Apache-2.0
// Files that come with this program.
#include "cli/beside.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

char *beside(const char *name)
{
	char dir[PATH_MAX], *path;
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir));

	while (n > 0 && dir[n - 1] != '/')
		n--;
	return asprintf(&path, "%.*s%s", n > 0 ? (int)n : 0, dir, name) < 0
		       ? NULL
		       : path;
}
