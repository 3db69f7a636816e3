/* SPDX-License-Identifier: Apache-2.0 */
/* diver compare: programs in Linux itself, and on a kernel beside it. */
#ifndef CLI_COMPARE_H
#define CLI_COMPARE_H

#include "cli/trial.h"

#define COMPARE_RUNS_MAX     100
#define COMPARE_PROGRAMS_MAX 32

/**
 * struct times_of - of some runs
 * @run_s: each, in the order they were made
 * @runs: how many
 */
struct times_of {
	double run_s[COMPARE_RUNS_MAX];
	unsigned int runs;
};

/**
 * struct comparison - of a program
 * @name: its words
 * @native: runs in Linux
 * @hrt: runs on the kernel
 * @first: the first of them: status, output; of @hrt also the report
 * @is_same: all runs did the same
 */
struct comparison {
	char name[ADVISE_WORDS_MAX];
	struct times_of native;
	struct times_of hrt;
	struct {
		struct trial native;
		struct trial hrt;
	} first;
	bool is_same;
};

/**
 * times_least() - the shortest run
 * @t: one run at least
 *
 * Return: seconds.
 */
double times_least(const struct times_of *t);

/**
 * times_median() - the one in the middle
 * @t: one run at least
 *
 * Return: seconds; of an even number the mean of two.
 */
double times_median(const struct times_of *t);

/**
 * compare_print() - for people
 * @out: where to
 * @c: compared
 * @columns: of the terminal
 */
void compare_print(FILE *out, const struct comparison *c, unsigned int columns);

/**
 * compare_json() - for programs
 * @out: where to
 * @c: compared
 * @count: of them
 */
void compare_json(FILE *out, const struct comparison *c, unsigned int count);

/**
 * compare_svg() - two bars for each program
 * @out: where to
 * @c: compared
 * @count: of them
 */
void compare_svg(FILE *out, const struct comparison *c, unsigned int count);

/**
 * compare_main() - diver compare [options] -- PROGRAM...
 * @argc: from the verb on
 * @argv: argv[0] is the verb
 * @e: what is wrong, or that a program does not do the same
 *
 * Return: 0 or -errno.
 */
int must_check compare_main(int argc, char **argv, struct err *e);

#endif
