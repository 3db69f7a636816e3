/* SPDX-License-Identifier: Apache-2.0 */
/* Futexes of the program, which are words that threads of Minnow wait on. */
#ifndef MINNOW_LINUX_FUTEX_H
#define MINNOW_LINUX_FUTEX_H

#include "call.h"

/**
 * futex_clear() - tell a word's waiters that its task is gone
 * @address: of the program; set to 0; does nothing where it may not be written
 */
void futex_clear(uint64_t address);

/**
 * futex_walk() - mark the locks of a task that ends as its owner's death does
 * @head: struct robust_list_head of the program, 0: none
 * @tid: of the task
 */
void futex_walk(uint64_t head, uint32_t tid);

/**
 * futex_calculate() - the middle of FUTEX_WAKE_OP
 * @word: changed atomically
 * @code: what to do with it, and what to compare with what it had
 *
 * Return: is what it had as @code says: 0 or 1; -ENOSYS for a bad @code.
 */
int futex_calculate(uint32_t *word, uint32_t code);

call_fn sys_futex;

#endif
