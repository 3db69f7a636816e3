/* SPDX-License-Identifier: Apache-2.0 */
/* A package instead of a file on the command line of dive. */
#ifndef CLI_PULLED_H
#define CLI_PULLED_H

#include "base/err.h"

/**
 * pulled_words() - the command line that runs a package
 * @argc: of main()
 * @argv: of main(); borrowed
 * @at: where the kernel is in it
 * @ret: written when there are some: the words, NULL-terminated; released by
 *	one free(); they borrow those of @argv
 * @e: why a package cannot be run
 *
 * A package is what is written pkg:NAME or pkg:NAME@VERSION, and a word
 * without a slash that no file here is called. diver pull has left a file for
 * it with a word in each line: options, the kernel, and what the kernel is told
 * if the command line has nothing behind it. The options come before those of
 * the command line, which so prevail.
 *
 * Return: how many words; 0 when it is a file, or nothing is known of it; -ENOENT,
 * -EINVAL, -ENOMEM.
 */
int must_check pulled_words(int argc, char **argv, int at, char ***ret,
			    struct err *e);

#endif
