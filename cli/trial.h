/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a program with dive, and looks at what it does. */
#ifndef CLI_TRIAL_H
#define CLI_TRIAL_H

#include "cli/advise.h"
#include "cli/sha256.h"

#define TRIAL_OPTIONS_MAX 32

/**
 * struct trial_setup - how programs are run
 * @dive: path of dive; owned
 * @kernel: path of the kernel; owned unless @is_given
 * @is_given: @kernel is borrowed
 * @option: more options for dive; borrowed
 * @options: entries of @option
 * @silent: messages are thrown away
 */
struct trial_setup {
	char *dive;
	char *kernel;
	bool is_given;
	char *option[TRIAL_OPTIONS_MAX];
	unsigned int options;
	bool silent;
};

/**
 * struct trial - what became of it
 * @status: exit status; of a signal 128 and more, as shells have it
 * @bytes: on standard output
 * @sha256: of them
 * @report: of dive; the caller frees it
 */
struct trial {
	int status;
	uint64_t bytes;
	char sha256[SHA256_HEX];
	struct report report;
};

/**
 * trial_find() - where dive and the kernel are, if nobody said so
 * @s: zeroed but for @kernel and options; release with trial_forget()
 * @e: they are not beside this program
 *
 * Return: 0 or -errno.
 */
int must_check trial_find(struct trial_setup *s, struct err *e);

/**
 * trial_forget() - release what trial_find() took
 * @s: any
 */
void trial_forget(struct trial_setup *s);

/**
 * trial_run() - run a program to its end
 * @s: found
 * @words: of the program; NULL behind the last
 * @extra: one more option of dive, such as "--native"; NULL = none
 * @ret: written on success
 * @e: why it could not be run
 *
 * It has no input; its output is read, its errors are ours, unless @s is
 * silent.
 *
 * Return: 0 or -errno; -ENODATA when it did not come to its end, then @ret has
 * status and output, but no report.
 */
int must_check trial_run(const struct trial_setup *s, char *const *words,
			 const char *extra, struct trial *ret, struct err *e);

/**
 * trial_same() - did both do the same
 * @a: a run
 * @b: another one
 *
 * Return: status and output are equal.
 */
bool trial_same(const struct trial *a, const struct trial *b);

#endif
