/* SPDX-License-Identifier: Apache-2.0 */
/* The table as it is now: table.def, changed by words of the command line. */
#ifndef MINNOW_LINUX_SERVE_H
#define MINNOW_LINUX_SERVE_H

#include <stddef.h>
#include <stdint.h>

#include "table.h"

/**
 * struct serve_word - a word as it was understood
 * @end: what stands behind it, and behind the blanks
 * @text: of the word, not ended by a NUL
 * @size: bytes of @text
 * @problem: why it cannot be obeyed, NULL: it was
 */
struct serve_word {
	const char *end;
	const char *text;
	size_t size;
	const char *problem;
};

/**
 * serve_next() - obey the first of some words, if it is serve=NAME=...
 * @args: words
 * @word: written when it is
 *
 * Before the program's first call.
 *
 * Return: false when the first word is another one, or there is none.
 */
bool serve_next(const char *args, struct serve_word *word);

/**
 * serve_policy() - who serves a call
 * @nr: below CALLS
 * @error: written if nobody does: errno, positive
 *
 * Return: as the table or the command line says.
 */
enum call_policy serve_policy(uint32_t nr, int *error);

/**
 * serve_reset() - as the table says, again
 */
void serve_reset(void);

#endif
