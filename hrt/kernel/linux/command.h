/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are many: what a command of ioctl, fcntl or prctl is given. */
#ifndef MINNOW_LINUX_COMMAND_H
#define MINNOW_LINUX_COMMAND_H

#include "argument.h"

/**
 * struct command - one command
 * @nr: of the call
 * @error: what it is refused with, 0: it is not
 * @number: of the command
 * @argument: what belongs to it
 */
struct command {
	uint16_t nr;
	uint16_t error;
	uint32_t number;
	struct argument argument;
};

/**
 * command_find() - what is known of a command
 * @nr: of the call
 * @number: of the command
 *
 * Return: NULL when it is not known.
 */
const struct command *command_find(uint32_t nr, uint32_t number);

/**
 * command_unknown() - how a call answers to commands that are not known
 * @nr: of the call
 *
 * Return: an errno, positive.
 */
int command_unknown(uint32_t nr);

#endif
