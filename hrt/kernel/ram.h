/* SPDX-License-Identifier: Apache-2.0 */
/* Physical memory, in blocks of 2^order pages. All of it is mapped 1:1. */
#ifndef MINNOW_RAM_H
#define MINNOW_RAM_H

#include <dive.h>

#define RAM_PAGE   4096ull
#define RAM_ORDERS 19 /* the largest block is 1 GiB */
#define RAM_2M     9  /* order of a 2 MiB block */

/**
 * ram_init() - take what the contract leaves free; once
 * @boot: from the contract
 */
void ram_init(const struct dive_boot *boot);

/**
 * ram_alloc() - get a block
 * @order: of its size
 *
 * Also from interrupts.
 *
 * Return: address, a multiple of the size, contents undefined; NULL when there
 * is no such block.
 */
void *ram_alloc(unsigned int order);

/**
 * ram_order() - which block is large enough
 * @size: bytes
 *
 * Return: order, RAM_ORDERS when there is none.
 */
unsigned int ram_order(size_t size);

/**
 * ram_free() - give a block back
 * @block: from ram_alloc(), or NULL
 *
 * Also from interrupts. What is neither is a panic.
 */
void ram_free(void *block);

/**
 * ram_count() - how much is free
 * @free: written: free blocks of each order
 *
 * Return: free bytes in all.
 */
uint64_t ram_count(uint64_t free[RAM_ORDERS]);

#endif
