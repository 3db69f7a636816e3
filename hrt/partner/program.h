/* SPDX-License-Identifier: Apache-2.0 */
/* Which file a command is, and the job that says so to the kernel. */
#ifndef HRT_PARTNER_PROGRAM_H
#define HRT_PARTNER_PROGRAM_H

#include <limits.h>
#include <stddef.h>

#include "base/err.h"

#define PROGRAM_SCRIPTS 5 /* an interpreter may be a script: Linux's limit */
#define PROGRAM_FILES   (PROGRAM_SCRIPTS + 1)
#define PROGRAM_HEAD    256 /* bytes that Linux looks at */
#define PROGRAM_WORDS   (2 * PROGRAM_SCRIPTS + 1)

/**
 * struct program - a command as execve() would run it
 * @path: of the ELF file; absolute, without symbolic links
 * @words: take the place of the first word; @count of them
 * @count: how many
 * @found: path of the command, as it was found: relative, a script
 * @text: begin of the files that were looked into; @words point there
 */
struct program {
	char path[PATH_MAX];
	const char *words[PROGRAM_WORDS];
	size_t count;
	char found[PATH_MAX];
	char text[PROGRAM_FILES][PROGRAM_HEAD];
};

/**
 * program_find() - look a command up as execvp() does
 * @g: overwritten; stays where it is
 * @name: first word of the command; borrowed
 * @err: set on failure
 *
 * An interpreter that its first line names takes the place of a script.
 *
 * Return: 0; -ENOENT when there is none; -ENOEXEC when there is, but it cannot
 * be run.
 */
must_check int program_find(struct program *g, const char *name,
			    struct err *err);

/**
 * program_write_job() - say to the kernel what to run
 * @g: found
 * @area: of the window, DIVE_DELEGATE_JOB_MAX bytes at DIVE_DELEGATE_JOB are
 *	written
 * @words: of the command, ended by NULL; the first is not used
 * @variables: ended by NULL
 * @err: set on failure
 *
 * Return: bytes of the job; -E2BIG when there are more words than fit.
 */
must_check int program_write_job(const struct program *g, void *area,
				 char *const *words, char *const *variables,
				 struct err *err);

#endif
