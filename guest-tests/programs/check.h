/* SPDX-License-Identifier: ISC */
/* Programs of Linux say what they see, one line for each thing. */
#ifndef PROGRAMS_CHECK_H
#define PROGRAMS_CHECK_H

#include <stdbool.h>
#include <stdio.h>

/**
 * check() - say whether something is as it should be
 * @is_good: is it
 * @what: in words
 *
 * The line is out when it returns: the program may die of what it tries next.
 */
static inline void check(bool is_good, const char *what)
{
	printf("%s %s\n", is_good ? "ok" : "not ok", what);
	fflush(stdout);
}

#endif
