/* SPDX-License-Identifier: Apache-2.0 */
/* Who serves which system call: one line each, and their names. */
#ifndef MINNOW_LINUX_TABLE_H
#define MINNOW_LINUX_TABLE_H

#include "argument.h"

struct frame;

/* Numbers of calls are below. */
#define CALLS 451

/**
 * call_fn() - a system call that the kernel serves; its name is sys_NAME
 * @arg: as the program passed them, unchecked
 * @frame: registers of the program. rax is the number of the call until the
 *	function returns, and what it returns afterwards
 *
 * As the calling thread, interrupts on; may block. Declared in the header of
 * whoever writes it, listed in table.def.
 *
 * Return: as Linux gives it, -errno on failure.
 */
typedef int64_t call_fn(const uint64_t arg[6], struct frame *frame);

/* As counts.policy says it. */
enum call_policy {
	CALL_LOCAL,
	CALL_FORWARD,
	CALL_REFUSE
};

/**
 * struct call_line - a line of the table
 * @local: serves it here, perhaps with call_forward(); NULL: nobody does
 * @argument: what Linux is given
 * @policy: enum call_policy
 * @error: what it is refused with; 0 in a line that is not there: ENOSYS
 * @forwards: it may be forwarded as it is
 */
struct call_line {
	call_fn *local;
	struct argument argument[ARGUMENTS];
	uint8_t policy;
	uint8_t error;
	bool forwards;
};

/**
 * table_line() - what is done with a call
 * @nr: below CALLS
 *
 * Return: its line; all zero when there is none.
 */
const struct call_line *table_line(uint32_t nr);

/**
 * table_name() - how a call is called
 * @nr: any number
 *
 * Return: its name, NULL when there is no such call.
 */
const char *table_name(uint32_t nr);

/**
 * table_command() - how a command is called
 * @nr: of the call
 * @command: number of the command
 *
 * Return: its name, NULL when it is not known.
 */
const char *table_command(uint32_t nr, uint32_t command);

/**
 * table_error() - how an errno is called
 * @error: positive
 *
 * Return: its name, NULL when it is none that a call is refused with.
 */
const char *table_error(int error);

#endif
