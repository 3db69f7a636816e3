/* SPDX-License-Identifier: Apache-2.0 */
/* A PC board whose wires are recorded, and ways to poke at it. */
#ifndef VMM_DEV_TEST_PCFIX_H
#define VMM_DEV_TEST_PCFIX_H

#include "vmm/board_pc.h"
#include "vmm/dev/test/wires.h"

#define MIB      ((uint64_t)1 << 20)
#define GIB      ((uint64_t)1 << 30)
#define NS_PER_S 1000000000u

/**
 * struct pcfix - a board
 * @pio: I/O ports
 * @mmio: memory-mapped devices
 * @pc: devices
 * @w: the other end of all wires
 */
struct pcfix {
	struct bus pio;
	struct bus mmio;
	struct pc_board pc;
	struct wires w;
};

/**
 * pcfix_build() - a new board
 * @fx: overwritten; stays where it is
 * @mem_size: bytes of RAM
 *
 * It is 2026-11-23 08:17:03 UTC, a Monday.
 */
void pcfix_build(struct pcfix *fx, uint64_t mem_size);

/**
 * pcfix_in() - IN
 * @fx: the board
 * @port: must be claimed
 * @size: 1, 2 or 4
 *
 * Return: the value.
 */
unsigned int pcfix_in(struct pcfix *fx, uint16_t port, unsigned int size);

/**
 * pcfix_out() - OUT
 * @fx: the board
 * @port: must be claimed
 * @size: 1, 2 or 4
 * @value: the value
 */
void pcfix_out(struct pcfix *fx, uint16_t port, unsigned int size,
	       uint32_t value);

#endif
