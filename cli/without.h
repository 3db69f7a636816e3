/* SPDX-License-Identifier: Apache-2.0 */
/* diver without: which calls a program would do without. */
#ifndef CLI_WITHOUT_H
#define CLI_WITHOUT_H

#include "base/err.h"

/**
 * without_main() - diver without [options] -- PROGRAM...
 * @argc: from the verb on
 * @argv: argv[0] is the verb
 * @e: what is wrong
 *
 * Return: 0 or -errno.
 */
int must_check without_main(int argc, char **argv, struct err *e);

#endif
