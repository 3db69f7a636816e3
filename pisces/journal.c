// SPDX-License-Identifier: Apache-2.0
// One file for each partition, locked while its owner lives.
#include "pisces/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

/* Gone after a reboot, as is what was taken. */
#define JOURNAL_DIR "run/dive"
#define PREFIX      "partition-"
#define TEXT_MAX    8192u
#define PATH_MAX_J  64

static void path_of(char *to, const char *name)
{
	snprintf(to, PATH_MAX_J, JOURNAL_DIR "/%s", name);
}

int journal_lock(int root, struct err *e)
{
	int rc = mkdirat(root, JOURNAL_DIR, 0700) ? errno : 0;
	int fd = -1;

	if (rc == 0 || rc == EEXIST) {
		fd = openat(root, JOURNAL_DIR "/lock",
			    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		rc = fd < 0 || flock(fd, LOCK_EX) ? errno : 0;
	}
	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return err_set(e, -rc, "/" JOURNAL_DIR "/lock: %s%s", strerror(rc),
		       rc == EACCES || rc == EPERM
			       ? ": partitions are for root only"
			       : "");
}

int journal_create(int root, const struct host_taken *taken,
		   struct journal *ret, struct err *e)
{
	char text[TEXT_MAX], path[PATH_MAX_J];
	int n = snprintf(text, sizeof(text),
			 "pid %d\nmemory 0x%" PRIx64 " 0x%" PRIx64 "\n",
			 (int)getpid(), taken->memory.start,
			 taken->memory.size);
	int rc = 0;

	for (unsigned int i = 0; i < taken->cpus; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "cpu %u %" PRIu32 "\n", taken->cpu[i].number,
			      taken->cpu[i].apic_id);
	snprintf(ret->name, sizeof(ret->name), PREFIX "%d", (int)getpid());
	path_of(path, ret->name);
	ret->fd =
		openat(root, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (ret->fd < 0)
		return err_set(e, -errno, "/%s: %s", path, strerror(errno));
	if (flock(ret->fd, LOCK_EX | LOCK_NB))
		rc = -errno;
	else
		rc = io_write_all(ret->fd, text, (size_t)n);
	if (rc == 0)
		return 0;
	journal_remove(root, ret);
	return err_set(e, rc, "/%s: %s", path, strerror(-rc));
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
}

void journal_remove(int root, struct journal *j)
{
	char path[PATH_MAX_J];

	if (j->fd < 0)
		return;
	path_of(path, j->name);
	(void)unlinkat(root, path, 0);
	journal_close(j);
}

/* "WORD NUMBER [NUMBER]" */
static bool line_of(const char *line, const char *word, uint64_t *ret)
{
	size_t len = strlen(word);
	char *behind;

	if (strncmp(line, word, len) != 0 || line[len] != ' ')
		return false;
	ret[0] = strtoull(line + len, &behind, 0);
	ret[1] = strtoull(behind, NULL, 0);
	return true;
}

/* What a process that died while it wrote has left counts for nothing. */
static void parse(char *rest, struct host_taken *t, pid_t *pid)
{
	uint64_t n[2];

	*t = (struct host_taken){ .cpus = 0 };
	for (char *line; rest && (line = strsep(&rest, "\n"));) {
		if (!rest)
			break; /* not a whole line */
		if (t->cpus < HOST_TAKEN_MAX && line_of(line, "cpu", n))
			t->cpu[t->cpus++] = (struct host_cpu){
				.number = (unsigned int)n[0],
				.apic_id = (uint32_t)n[1],
			};
		else if (line_of(line, "memory", n))
			t->memory = (struct host_range){ n[0], n[1] };
		else if (line_of(line, "pid", n))
			*pid = (pid_t)n[0];
	}
}

/* The smallest name behind @after. */
static bool find_next(int root, const char *after, char *ret)
{
	int fd = openat(root, JOURNAL_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	ret[0] = '\0';
	for (struct dirent *d; dir && (d = readdir(dir));)
		if (!strncmp(d->d_name, PREFIX, strlen(PREFIX)) &&
		    strlen(d->d_name) < JOURNAL_NAME_MAX &&
		    strcmp(d->d_name, after) > 0 &&
		    (!ret[0] || strcmp(d->d_name, ret) < 0))
			memcpy(ret, d->d_name, strlen(d->d_name) + 1);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return ret[0];
}

bool journal_next(int root, const char *after, struct journal *ret,
		  struct host_taken *ret_taken, pid_t *ret_owner)
{
	char name[JOURNAL_NAME_MAX], path[PATH_MAX_J];
	char *text;

	if (!find_next(root, after, name))
		return false;
	memcpy(ret->name, name, sizeof(name));
	path_of(path, name);
	*ret_owner = 0;
	text = host_file(root, path);
	parse(text, ret_taken, ret_owner);
	free(text);
	ret->fd = openat(root, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (ret->fd >= 0 && flock(ret->fd, LOCK_EX | LOCK_NB) == 0)
		*ret_owner = 0;
	return true;
}
