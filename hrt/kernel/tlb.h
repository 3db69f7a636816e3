/* SPDX-License-Identifier: Apache-2.0 */
/* Translations that the CPUs remember. */
#ifndef MINNOW_TLB_H
#define MINNOW_TLB_H

#include <stddef.h>
#include <stdint.h>

/**
 * tlb_init() - answer VECTOR_FLUSH; once
 */
void tlb_init(void);

/**
 * tlb_flush() - make every CPU forget a range, and wait until they have
 * @va: multiple of a page
 * @size: bytes
 *
 * Interrupts on, one caller at a time: page.c calls it with its mutex. A CPU
 * that spins for a lock with interrupts off delays the answer, so whoever
 * holds that lock must not wait for this.
 */
void tlb_flush(uintptr_t va, size_t size);

#endif
