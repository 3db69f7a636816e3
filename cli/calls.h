/* SPDX-License-Identifier: Apache-2.0 */
/* Names of Linux's system calls, and what a kernel could do about each. */
#ifndef CLI_CALLS_H
#define CLI_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "contract/dive/delegate.h"

/* As in hrt/calls.def. */
enum call_kind {
	CALL_LOCAL,
	CALL_MEMORY,
	CALL_CACHE,
	CALL_BATCH,
	CALL_STAYS,
	CALL_KINDS,
};

#define CALLS_NAME_MAX 48 /* with the NUL */

/**
 * calls_known() - how many calls this table has
 *
 * Return: the number.
 */
unsigned int calls_known(void);

/**
 * calls_command() - what tells commands of a call apart
 * @nr: of the call
 * @command: as the program gave it
 *
 * Return: @command without flags; 0 for a call that has no commands.
 */
uint32_t calls_command(uint32_t nr, uint32_t command);

/**
 * calls_call_name() - name of a system call
 * @nr: number
 *
 * Return: static string; NULL when it is not known.
 */
const char *calls_call_name(uint32_t nr);

/**
 * calls_name() - name of a kind of call
 * @c: how, nr and command are used
 * @ret: CALLS_NAME_MAX bytes: "fcntl F_GETFL", "read", "call 999",
 *	"page fault"; printable ASCII
 */
void calls_name(const struct dive_count *c, char *ret);

/**
 * calls_kind() - what a kernel could do about it
 * @c: how, nr and command are used
 *
 * Return: the kind of the call, or of its command where there are several; what
 * is not known stays in Linux.
 */
enum call_kind calls_kind(const struct dive_count *c);

/**
 * calls_kind_words() - a kind in words
 * @kind: below CALL_KINDS
 *
 * Return: such as "needs memory ownership".
 */
const char *calls_kind_words(enum call_kind kind);

/**
 * calls_kind_name() - a kind as one word, for programs
 * @kind: below CALL_KINDS
 *
 * Return: such as "memory".
 */
const char *calls_kind_name(enum call_kind kind);

/**
 * calls_waits() - is most of the time in Linux that of waiting
 * @c: how, nr and command are used
 *
 * Return: true for calls that wait for something by their nature: nobody saves
 * that time by serving them elsewhere.
 */
bool calls_waits(const struct dive_count *c);

/**
 * calls_minnow_can() - can Minnow serve it, when it is told to
 * @nr: number
 *
 * Return: true when --serve NAME=local works with the Minnow of this build.
 */
bool calls_minnow_can(uint32_t nr);

#endif
