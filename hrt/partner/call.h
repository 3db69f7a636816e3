/* SPDX-License-Identifier: Apache-2.0 */
/* A system call that another thread can keep from blocking. */
#ifndef HRT_PARTNER_CALL_H
#define HRT_PARTNER_CALL_H

#include <stdint.h>

/**
 * call_linux() - do a system call, unless it was interrupted before
 * @nr: its number
 * @arg: six
 * @interrupted: read once, before
 * @number: the call is not begun when @interrupted is this
 *
 * A signal handler that finds the instruction pointer at or behind
 * call_linux() and not behind call_linux_begins sets it to call_linux_not.
 *
 * Return: as the system call; DIVE_CALL_NOT_BEGUN when it was not begun.
 */
int64_t call_linux(uint32_t nr, const uint64_t arg[6],
		   const uint64_t *interrupted, uint64_t number);

/* The SYSCALL instruction, and what returns instead of it. */
extern const char call_linux_begins[], call_linux_not[];

/**
 * call_return() - what a signal handler returns to; not for C
 */
void call_return(void);

#endif
