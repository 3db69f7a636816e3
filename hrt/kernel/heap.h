/* SPDX-License-Identifier: Apache-2.0 */
/* Memory by the byte. */
#ifndef MINNOW_HEAP_H
#define MINNOW_HEAP_H

#include <stddef.h>

/**
 * heap_init() - empty; once, after ram_init()
 */
void heap_init(void);

/**
 * heap_alloc() - get memory
 * @size: bytes
 *
 * Also from interrupts.
 *
 * Return: zeroed memory, a multiple of 16, or NULL.
 */
void *heap_alloc(size_t size);

/**
 * heap_free() - give memory back
 * @memory: from heap_alloc(), or NULL
 *
 * Also from interrupts.
 */
void heap_free(void *memory);

#endif
