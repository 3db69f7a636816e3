// SPDX-License-Identifier: Apache-2.0
// Files for the kernel: --initrd and --module.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

int options_add_file(struct run_file *list, unsigned int *count,
		     struct run_file file, struct err *e)
{
	if (*count == RUN_FILES_MAX)
		return err_set(e, -EINVAL,
			       "more than %d files; join some of them",
			       RUN_FILES_MAX);
	if (!*file.path)
		return err_set(e, -EINVAL, "the name of the file is empty");
	list[(*count)++] = file;
	return 0;
}

int options_initrd(struct options *o, char *arg, struct err *e)
{
	struct run_file file = { .path = arg, .cmdline = "" };

	return options_add_file(o->run.initrd, &o->run.initrds, file, e);
}

/* 'FILE args': the first blank ends the path. */
int options_module(struct options *o, char *arg, struct err *e)
{
	size_t len = strcspn(arg, " ");
	struct run_file file = { .path = strndup(arg, len),
				 .cmdline = arg[len] ? arg + len + 1 : "" };
	int r;

	if (!file.path)
		return err_set(e, -ENOMEM, "no memory for a file name");
	r = options_add_file(o->run.module, &o->run.modules, file, e);
	if (r < 0)
		free((void *)(uintptr_t)file.path);
	return r;
}
