/* SPDX-License-Identifier: Apache-2.0 */
/* diver publish, pull, ls, info, rm, gc: packages of kernels. */
#ifndef CLI_PACKAGES_H
#define CLI_PACKAGES_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "pkg/release.h"

/**
 * struct packages_words - a command line of these verbs
 * @word: what is no option; NULL = none
 * @json: --json
 * @registry: --registry
 * @check: --check
 */
struct packages_words {
	const char *word;
	bool json;
	bool registry;
	bool check;
};

/**
 * packages_parse() - read one
 * @w: overwritten
 * @argc: with the verb
 * @argv: with the verb
 * @usage: "diver VERB ...": the options that are named there are taken, and a
 *	word if there is a capital letter
 * @e: what is not understood
 *
 * Return: 0 or -EINVAL.
 */
int must_check packages_parse(struct packages_words *w, int argc, char **argv,
			      const char *usage, struct err *e);

/**
 * packages_object() - all of a version for those who read JSON
 * @release: of it
 *
 * Return: its fields, digest and size; to be given to cJSON_Delete(); NULL
 * without memory.
 */
cJSON *packages_object(const struct release *release);

/**
 * packages_put_json() - print it on a line, in ASCII
 * @out: where to
 * @root: given to cJSON_Delete(); NULL: there was no memory
 * @e: no memory
 *
 * Return: 0 or -ENOMEM.
 */
int must_check packages_put_json(FILE *out, cJSON *root, struct err *e);

/**
 * packages_size() - how large a version is
 * @release: of it
 *
 * Return: bytes of its layers.
 */
uint64_t packages_size(const struct release *release);

/**
 * publish_main() - diver publish
 * @argc: with the verb
 * @argv: with the verb
 * @e: why it failed
 *
 * Return: 0 or -errno.
 */
int must_check publish_main(int argc, char **argv, struct err *e);

/**
 * pull_main() - diver pull
 * @argc: with the verb
 * @argv: with the verb
 * @e: why it failed
 *
 * Return: 0 or -errno.
 */
int must_check pull_main(int argc, char **argv, struct err *e);

/**
 * rm_main() - diver rm
 * @argc: with the verb
 * @argv: with the verb
 * @e: why it failed
 *
 * Return: 0 or -errno.
 */
int must_check rm_main(int argc, char **argv, struct err *e);

/**
 * gc_main() - diver gc
 * @argc: with the verb
 * @argv: with the verb
 * @e: why it failed
 *
 * Return: 0 or -errno.
 */
int must_check gc_main(int argc, char **argv, struct err *e);

/**
 * ls_main() - diver ls
 * @argc: with the verb
 * @argv: with the verb
 * @e: why it failed
 *
 * Return: 0 or -errno.
 */
int must_check ls_main(int argc, char **argv, struct err *e);

/**
 * info_main() - diver info
 * @argc: with the verb
 * @argv: with the verb
 * @e: why it failed
 *
 * Return: 0 or -errno.
 */
int must_check info_main(int argc, char **argv, struct err *e);

#endif
