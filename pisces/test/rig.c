// SPDX-License-Identifier: Apache-2.0
// A directory that stands for / of a machine.
#include "pisces/test/rig.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

void rig_open(struct rig *r)
{
	snprintf(r->path, sizeof(r->path), "/tmp/dive-rig-XXXXXX");
	assert_non_null(mkdtemp(r->path));
	r->root = open(r->path, O_PATH | O_DIRECTORY);
	assert_true(r->root >= 0);
	assert_int_equal(mkdirat(r->root, "run", 0700), 0);
}

static int drop(const char *path, const struct stat *st, int type,
		struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void rig_close(struct rig *r)
{
	close(r->root);
	assert_int_equal(nftw(r->path, drop, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void rig_put(const struct rig *r, const char *path, const char *text)
{
	char name[128];
	FILE *f;
	int fd;

	snprintf(name, sizeof(name), "%s", path);
	for (char *at = name; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		(void)!mkdirat(r->root, name, 0700);
	}
	fd = openat(r->root, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

void rig_cpus(const struct rig *r, unsigned int count, unsigned int threads)
{
	unsigned int cores = count / threads;
	char path[96], text[4096];
	size_t n = 0;

	snprintf(text, sizeof(text), "0-%u\n", count - 1);
	rig_put(r, "sys/devices/system/cpu/online", text);
	for (unsigned int i = 0; i < count; i++) {
		snprintf(path, sizeof(path),
			 "sys/devices/system/cpu/cpu%u/online", i);
		if (i)
			rig_put(r, path, "1\n");
		snprintf(path, sizeof(path),
			 "sys/devices/system/cpu/cpu%u/topology/"
			 "thread_siblings_list",
			 i);
		if (threads == 1)
			snprintf(text, sizeof(text), "%u\n", i);
		else
			snprintf(text, sizeof(text), "%u,%u\n", i % cores,
				 i % cores + cores);
		rig_put(r, path, text);
	}
	for (unsigned int i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "processor\t: %u\nphysical id\t: 0\n"
				      "apicid\t\t: %u\ninitial apicid\t: 7\n\n",
				      i, 10 * i);
	rig_put(r, "proc/cpuinfo", text);
}
