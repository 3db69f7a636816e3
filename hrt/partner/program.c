// SPDX-License-Identifier: Apache-2.0
// Which file a command is (execvp, scripts), and the job for the kernel.
#include "hrt/partner/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract/dive/delegate.h"

#define PATH_DEFAULT "/bin:/usr/bin"

/* 0 if execve() could open it. */
static int check(const char *path)
{
	struct stat status;

	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) || stat(path, &status))
		return -errno;
	return S_ISREG(status.st_mode) ? 0 : -EACCES;
}

static int refuse(int error, const char *name, struct err *err)
{
	if (error == -ENOENT || error == -ENOTDIR)
		return err_set(err, -ENOENT, "%s: there is no such program",
			       name);
	return err_set(err, -ENOEXEC, "%s: %s", name, strerror(-error));
}

/* Into g->path, in the folders of PATH if there is no slash in @name. */
static int look_up(struct program *g, const char *name, struct err *err)
{
	const char *at = getenv("PATH"), *next;
	int error = -ENOENT, now;

	if (strchr(name, '/')) {
		if (snprintf(g->path, sizeof(g->path), "%s", name) >=
		    (int)sizeof(g->path))
			return refuse(-ENAMETOOLONG, name, err);
		error = check(g->path);
		return error ? refuse(error, name, err) : 0;
	}
	for (at = at ? at : PATH_DEFAULT; *name; at = next + 1) {
		next = strchrnul(at, ':');
		now = snprintf(g->path, sizeof(g->path), "%.*s%s%s",
			       (int)(next - at), at, next == at ? "" : "/",
			       name);
		now = now < (int)sizeof(g->path) ? check(g->path)
						 : -ENAMETOOLONG;
		if (!now)
			return 0;
		/* What cannot be run is remembered, and looked past. */
		if (now == -EACCES)
			error = now;
		if (!*next)
			break;
	}
	return refuse(error, name, err);
}

static int read_head(const char *path, char *head, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, head, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n >= 0)
		head[n] = '\0';
	return (int)n;
}

/* The interpreter and its one argument, in place; NULL if there is none. */
static char *split_line(char *line, char **argument)
{
	char *name = line + 2 + strspn(line + 2, " \t");
	char *end = name + strcspn(name, "\n");

	while (end > name && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	end = name + strcspn(name, " \t");
	*argument = NULL;
	if (*end) {
		*end++ = '\0';
		*argument = end + strspn(end, " \t");
	}
	return *name ? name : NULL;
}

/* As /proc/self/exe says it: absolute, and no symbolic link. */
static int resolve(struct program *g, struct err *err)
{
	char path[PATH_MAX];

	if (!realpath(g->path, path))
		return refuse(-errno, g->path, err);
	memcpy(g->path, path, sizeof(path));
	return 0;
}

/* @text, the first line of the script at g->path, says what to run instead. */
static int take_script(struct program *g, char *text, struct err *err)
{
	char *argument, *name = split_line(text, &argument);
	size_t more = argument ? 2 : 1;

	if (!name)
		return err_set(err, -ENOEXEC,
			       "%s: its first line names no interpreter",
			       g->path);
	if (g->count == 1)
		g->words[0] = g->found;
	memmove(g->words + more, g->words, g->count * sizeof(g->words[0]));
	g->count += more;
	g->words[0] = name;
	if (argument)
		g->words[1] = argument;
	memcpy(g->path, name, strlen(name) + 1); /* @text is shorter */
	return check(name) ? refuse(check(name), name, err) : 0;
}

int program_find(struct program *g, const char *name, struct err *err)
{
	int error = look_up(g, name, err);

	memcpy(g->found, g->path, sizeof(g->found));
	g->words[0] = name;
	g->count = 1;
	for (unsigned int level = 0; !error; level++) {
		char *head = g->text[level];
		int n = read_head(g->path, head, sizeof(g->text[0]));

		if (n < 0)
			return refuse(n, g->path, err);
		if (n >= 4 && !memcmp(head, "\177ELF", 4))
			return resolve(g, err);
		if (memcmp(head, "#!", 2) != 0)
			return err_set(err, -ENOEXEC,
				       "%s: neither an ELF file nor a script",
				       g->path);
		if (level == PROGRAM_SCRIPTS)
			return refuse(-ELOOP, g->path, err);
		error = take_script(g, head, err);
	}
	return error;
}

/* Where the strings go. */
struct writer {
	char *at;
	size_t room;
};

static bool put(struct writer *w, const char *text)
{
	size_t size = strlen(text) + 1;

	if (size > w->room)
		return false;
	memcpy(w->at, text, size);
	w->at += size;
	w->room -= size;
	return true;
}

int program_write_job(const struct program *g, void *area, char *const *words,
		      char *const *variables, struct err *err)
{
	char *start = (char *)area + DIVE_DELEGATE_JOB;
	struct dive_job job = { .argc = (uint32_t)g->count };
	struct writer w = { start + sizeof(job),
			    DIVE_DELEGATE_JOB_MAX - sizeof(job) };
	bool fits = true;

	for (size_t i = 0; fits && i < g->count; i++)
		fits = put(&w, g->words[i]);
	for (size_t i = 1; fits && words[i]; i++, job.argc++)
		fits = put(&w, words[i]);
	for (size_t i = 0; fits && variables[i]; i++, job.envc++)
		fits = put(&w, variables[i]);
	if (!fits || !put(&w, g->found) || !put(&w, g->path))
		return err_set(err, -E2BIG,
			       "more than %d bytes of words and "
			       "variables",
			       DIVE_DELEGATE_JOB_MAX);
	memcpy(start, &job, sizeof(job));
	return (int)(w.at - start);
}
