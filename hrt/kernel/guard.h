/* SPDX-License-Identifier: Apache-2.0 */
/* Words that may not be there: another CPU may unmap a program's any time. */
#ifndef MINNOW_GUARD_H
#define MINNOW_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/**
 * guard_read() - read a word that may not be mapped
 * @from: any address
 * @to: written when it is
 *
 * Anywhere; also with interrupts off and locks held.
 *
 * Return: false when it cannot be read.
 */
bool guard_read(const uint32_t *from, uint32_t *to);

/**
 * guard_exchange() - write to a word that may not be mapped, if it has a value
 * @word: any address
 * @expected: that value; written: the one it had, the same when @new was
 *	written
 * @new: its next value
 *
 * Anywhere, as above. One atomic step, a full fence.
 *
 * Return: false when it cannot be written.
 */
bool guard_exchange(uint32_t *word, uint32_t *expected, uint32_t new);

#endif
