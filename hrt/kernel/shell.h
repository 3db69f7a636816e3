/* SPDX-License-Identifier: Apache-2.0 */
/* The shell: one command per line. */
#ifndef MINNOW_SHELL_H
#define MINNOW_SHELL_H

#include <stdbool.h>
#include <stdint.h>

#define SHELL_LINE_MAX  256
#define SHELL_WORDS_MAX 32

/* Status of a command that was used in a wrong way. */
#define SHELL_USAGE 2
/* Status of a command that does not exist. */
#define SHELL_NOT_FOUND 127

/**
 * struct command - what the shell knows
 * @name: first word
 * @words: for people: the other words, "" when there are none
 * @summary: for people
 * @run: gets the other words, NULL behind the last; returns the status
 */
struct command {
	const char *name;
	const char *words;
	const char *summary;
	int (*run)(char **words);
};

/* In commands.c; ends with an entry without a name. */
extern const struct command commands[];

/**
 * shell_main() - run one command, or those of standard input
 * @args: the command; "" asks for commands until "exit" or the end of the input
 *
 * In a thread of the first CPU. Takes @args apart.
 *
 * Return: status of the last command.
 */
int shell_main(char *args);

/**
 * shell_number() - read a decimal number
 * @word: digits and nothing else
 * @max: the largest that is good
 * @ret_number: written on success
 *
 * Return: false when @word is no such number.
 */
bool shell_number(const char *word, uint64_t max, uint64_t *ret_number);

/**
 * shell_is_same() - compare two words
 * @a: one
 * @b: the other
 *
 * Return: true when they are equal.
 */
bool shell_is_same(const char *a, const char *b);

#endif
