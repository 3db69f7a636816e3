// SPDX-License-Identifier: Apache-2.0
// The Linux that gives: CPUs in sysfs, memory in the command line and iomem.
#include "pisces/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "base/x86.h"

#define FILE_STEP 16384u
#define CPU_DIR   "sys/devices/system/cpu/"

char *host_file(int root, const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	char *text = NULL;
	ssize_t n = 1;

	if (fd < 0)
		return NULL;
	while (n > 0) {
		char *more = realloc(text, size + FILE_STEP + 1);

		if (!more) {
			n = -1;
			break;
		}
		text = more;
		n = read(fd, text + size, FILE_STEP);
		size += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[size] = '\0';
	return text;
}

/* A file of sysfs that says "0-2,5". */
static int read_list(int root, const char *path, unsigned int *list,
		     unsigned int *count, struct err *e)
{
	char *text = host_file(root, path);
	int rc;

	if (!text)
		return err_set(e, -EIO, "/%s: %s", path, strerror(errno));
	text[strcspn(text, "\n")] = '\0';
	rc = units_cpu_list(text, list, HOST_CPUS_MAX, count, e);
	free(text);
	return rc ? err_wrap(e, "/%s", path) : 0;
}

static bool is_in(unsigned int cpu, const unsigned int *list,
		  unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (list[i] == cpu)
			return true;
	return false;
}

static bool is_taken(const struct host_taken *t, unsigned int cpu)
{
	for (unsigned int i = 0; i < t->cpus; i++)
		if (t->cpu[i].number == cpu)
			return true;
	return false;
}

static int take(struct host_taken *t, unsigned int cpu, struct err *e)
{
	if (is_taken(t, cpu))
		return 0;
	if (t->cpus == HOST_TAKEN_MAX)
		return err_set(e, -EINVAL,
			       "more than %d CPUs share so few "
			       "cores",
			       HOST_TAKEN_MAX);
	t->cpu[t->cpus++].number = cpu;
	return 0;
}

/* The whole core of a CPU; @ret_first: it is that of CPU 0, nothing taken. */
static int take_core(int root, unsigned int cpu, struct host_taken *t,
		     bool *ret_first, struct err *e)
{
	unsigned int *list = malloc(HOST_CPUS_MAX * sizeof(*list));
	unsigned int count = 0;
	char path[96];
	int rc;

	if (!list)
		return err_set(e, -ENOMEM, "no memory for a list of CPUs");
	snprintf(path, sizeof(path),
		 CPU_DIR "cpu%u/topology/thread_siblings_list", cpu);
	rc = read_list(root, path, list, &count, e);
	*ret_first = !rc && is_in(0, list, count);
	for (unsigned int i = 0; i < count && !rc && !*ret_first; i++)
		rc = take(t, list[i], e);
	free(list);
	return rc;
}

static int take_named(int root, unsigned int wanted, const unsigned int *named,
		      struct host_taken *t, struct err *e)
{
	bool is_first = false;
	int rc = 0;

	for (unsigned int i = 0; i < wanted && !rc; i++)
		rc = take(t, named[i], e);
	for (unsigned int i = 0; i < wanted && !rc; i++) {
		rc = take_core(root, named[i], t, &is_first, e);
		if (!rc && is_first)
			rc = err_set(e, -EINVAL,
				     "CPU %u cannot be taken: Linux needs CPU "
				     "0 and what shares its core; name others "
				     "with --pin",
				     named[i]);
	}
	return rc;
}

static int take_last(int root, unsigned int wanted, const unsigned int *online,
		     unsigned int count, struct host_taken *t, struct err *e)
{
	bool is_first = false;
	int rc = 0;

	for (unsigned int i = count; i-- > 0 && t->cpus < wanted && !rc;)
		if (!is_taken(t, online[i]))
			rc = take_core(root, online[i], t, &is_first, e);
	if (!rc && t->cpus < wanted)
		rc = err_set(e, -EINVAL,
			     "Linux can give %u CPUs (never CPU 0 and what "
			     "shares its core), not %u: ask for less with "
			     "--cpus",
			     t->cpus, wanted);
	return rc;
}

/* "NAME<blanks>: NUMBER" of /proc/cpuinfo. */
static bool field(const char *line, const char *name, unsigned int *ret)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) != 0)
		return false;
	line += len + strspn(line + len, " \t");
	if (*line != ':')
		return false;
	*ret = (unsigned int)strtoul(line + 1, NULL, 10);
	return true;
}

/* /proc/cpuinfo knows only what is online: read before anything is taken. */
static int read_apic_ids(int root, struct host_taken *t, struct err *e)
{
	char *text = host_file(root, "proc/cpuinfo");
	unsigned int found = 0, cpu = 0, id;
	char *rest = text;

	for (char *line; rest && (line = strsep(&rest, "\n"));) {
		if (field(line, "processor", &cpu) ||
		    !field(line, "apicid", &id))
			continue;
		for (unsigned int i = 0; i < t->cpus; i++) {
			if (t->cpu[i].number != cpu)
				continue;
			t->cpu[i].apic_id = id;
			found++;
		}
	}
	free(text);
	return found == t->cpus ? 0
				: err_set(e, -EINVAL,
					  "/proc/cpuinfo does not name the "
					  "APIC id of every CPU to be taken: "
					  "is one offline?");
}

int host_choose_cpus(int root, unsigned int wanted, const unsigned int *named,
		     struct host_taken *ret, struct err *e)
{
	unsigned int *online = malloc(HOST_CPUS_MAX * sizeof(*online));
	unsigned int count = 0;
	int rc;

	if (!online)
		return err_set(e, -ENOMEM, "no memory for a list of CPUs");
	ret->cpus = 0;
	ret->used = wanted;
	rc = read_list(root, CPU_DIR "online", online, &count, e);
	if (!rc)
		rc = named ? take_named(root, wanted, named, ret, e)
			   : take_last(root, wanted, online, count, ret, e);
	free(online);
	return rc ? rc : read_apic_ids(root, ret, e);
}

static void online_path(char *to, size_t size, unsigned int cpu)
{
	snprintf(to, size, CPU_DIR "cpu%u/online", cpu);
}

bool host_cpu_is_online(int root, unsigned int cpu)
{
	char path[64];
	char *text;
	bool is_online;

	online_path(path, sizeof(path), cpu);
	text = host_file(root, path);
	is_online = !text || text[0] != '0';
	free(text);
	return is_online;
}

int host_cpu_set(int root, unsigned int cpu, bool online, struct err *e)
{
	char path[64];
	int rc = 0;
	int fd;

	online_path(path, sizeof(path), cpu);
	fd = openat(root, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, online ? "1" : "0", 1) != 1)
		rc = err_set(e, -EIO, "Linux does not %s CPU %u: /%s: %s",
			     online ? "take back" : "give", cpu, path,
			     strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

/* SIZE$START, the rest of the word behind it is left. */
static bool parse_reserved(char *word, struct host_range *ret)
{
	char *start = strchr(word, '$');

	if (!start)
		return false;
	*start++ = '\0';
	return units_size(word, &ret->size, NULL) == 0 &&
	       units_size(start, &ret->start, NULL) == 0 && ret->size &&
	       ret->start + ret->size > ret->start;
}

unsigned int host_reserved(int root, struct host_range *ret)
{
	char *text = host_file(root, "proc/cmdline");
	unsigned int count = 0;
	char *rest = text;

	for (char *word; rest && (word = strsep(&rest, " \n"));) {
		if (strncmp(word, "memmap=", 7) != 0)
			continue;
		word += 7;
		for (char *one;
		     count < HOST_RANGES_MAX && (one = strsep(&word, ","));)
			count += parse_reserved(one, &ret[count]);
	}
	free(text);
	return count;
}

/* The next line of /proc/iomem that is memory of Linux's. */
static bool next_ram(char **rest, uint64_t *from, uint64_t *to)
{
	for (char *line; *rest && (line = strsep(rest, "\n"));) {
		char *behind;

		if (line[0] == ' ' || !strstr(line, " : System RAM"))
			continue;
		*from = strtoull(line, &behind, 16);
		if (*behind != '-')
			continue;
		*to = strtoull(behind + 1, NULL, 16) + 1;
		if (*to > *from)
			return true;
	}
	return false;
}

uint64_t host_ram(int root, const struct host_range *range)
{
	char *text = host_file(root, "proc/iomem");
	uint64_t end = range->start + range->size;
	uint64_t sum = 0, from, to;
	char *rest = text;

	if (!text)
		return range->size;
	while (next_ram(&rest, &from, &to)) {
		from = from > range->start ? from : range->start;
		to = to < end ? to : end;
		sum += from < to ? to - from : 0;
	}
	free(text);
	return sum;
}

uint64_t host_advise(int root, uint64_t size)
{
	char *text = host_file(root, "proc/iomem");
	uint64_t at = 0, from, to;
	char *rest = text;

	while (next_ram(&rest, &from, &to))
		if (to - from > size && to - from - size > size)
			at = round_down(to - size, PAGE_2M);
	free(text);
	return at;
}
