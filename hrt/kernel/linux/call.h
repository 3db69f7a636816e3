/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls of a program: looked up in the table, then served here,
 * forwarded to Linux or refused, and counted.
 */
#ifndef MINNOW_LINUX_CALL_H
#define MINNOW_LINUX_CALL_H

#include "../irq.h"
#include "table.h"

struct call_cost;

/**
 * call_init() - a new program; before its first call
 * @counts: DIVE_COUNTS_MAX entries in the window, zeroed here; only written
 */
void call_init(void *counts);

/**
 * call_serve() - obey the words "serve=NAME=..." at the beginning of bootargs
 * @args: words with blanks between them
 *
 * Each changes one line of the table: to local, forward, or an errno as in
 * serve=getrandom=ENOSYS. A word that cannot be obeyed is reported on the
 * console.
 *
 * Return: the first other word in @args, NULL if one cannot be obeyed: exit
 * with status 2.
 */
const char *call_serve(const char *args);

/**
 * call_dispatch() - thread_ops.syscall of a program's thread
 * @frame: registers of the program; its rax becomes the result
 */
void call_dispatch(struct frame *frame);

/**
 * call_forward() - have Linux do a call of the program's
 * @nr: number
 * @arg: checked by the table
 *
 * For local functions that need Linux as well; counted as forwarded.
 *
 * Return: Linux's result, or why it cannot be forwarded.
 */
int64_t call_forward(uint32_t nr, const uint64_t arg[6]);

/**
 * call_count_fault() - count a page fault that the kernel has served
 * @cycles: TSC, from its beginning to its end
 */
void call_count_fault(uint64_t cycles);

/**
 * call_count_map() - count what the partner has mapped
 * @cost: of the request
 */
void call_count_map(const struct call_cost *cost);

/**
 * call_refusals() - name each refused call on the console, one line each
 *
 * At the end of the program.
 */
void call_refusals(void);

#endif
