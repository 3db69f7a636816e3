// SPDX-License-Identifier: Apache-2.0
// A package instead of a file on the command line of dive.
#include "cli/pulled.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/place.h"

#define TEXT_MAX  16384
#define LINES_MAX 512

/* NAME, or NAME@VERSION: a folder in the store. */
static int open_options(const char *word, struct err *e)
{
	const char *version = strchr(word, '@');
	int len = version ? (int)(version - word) : (int)strlen(word);
	char *below = NULL, *path = NULL;
	int fd = -1;

	if (!strchr(word, '/') &&
	    asprintf(&below, "store/%.*s/%s/options", len, word,
		     version ? version + 1 : ".newest") >= 0)
		path = place_data(below, e);
	if (path)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	free(below);
	free(path);
	return fd;
}

static bool is_file(const char *word)
{
	return strchr(word, '/') || access(word, F_OK) == 0;
}

int pulled_words(int argc, char **argv, int at, char ***ret, struct err *e)
{
	bool is_named = !strncmp(argv[at], "pkg:", 4);
	const char *name = argv[at] + (is_named ? 4 : 0);
	size_t slots = (size_t)argc + LINES_MAX + 1;
	char **words, **to, *rest, *line;
	ssize_t size;
	int fd;

	if (!is_named && is_file(name))
		return 0;
	fd = open_options(name, e);
	if (fd < 0 && !is_named)
		return 0;
	if (fd < 0)
		return err_set(e, -ENOENT, "%s is not pulled; diver pull %s",
			       argv[at], name);
	words = calloc(1, slots * sizeof(*words) + TEXT_MAX + 1);
	if (!words) {
		close(fd);
		return err_set(e, -ENOMEM, "no memory");
	}
	to = words;
	rest = (char *)(words + slots);
	size = read(fd, rest, TEXT_MAX);
	close(fd);
	*to++ = argv[0];
	line = strsep(&rest, "\n");
	for (int i = 0; i < LINES_MAX && *line == '-' && rest; i++) {
		*to++ = line;
		line = strsep(&rest, "\n");
	}
	if (size <= 0 || *line != '/') {
		free(words);
		return err_set(e, -EINVAL, "%s is damaged; diver pull it again",
			       name);
	}
	for (int i = 1; i < at; i++)
		*to++ = argv[i];
	*to++ = line;
	for (int i = at + 1; i < argc; i++)
		*to++ = argv[i];
	if (at + 1 == argc)
		while ((line = strsep(&rest, "\n")) && *line &&
		       to < words + slots - 1)
			*to++ = line;
	*ret = words;
	return (int)(to - words);
}
