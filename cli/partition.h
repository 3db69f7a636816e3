/* SPDX-License-Identifier: Apache-2.0 */
/* diver partition: what mode pisces has taken from Linux. */
#ifndef CLI_PARTITION_H
#define CLI_PARTITION_H

#include "base/err.h"

/**
 * partition_main() - diver partition release --all
 * @argc: words, of which the verb is the first
 * @argv: the words
 * @e: what is wrong with them, or what could not be given back
 *
 * Return: 0 or -errno.
 */
int must_check partition_main(int argc, char **argv, struct err *e);

#endif
