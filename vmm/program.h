/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of a virtio console, and the program that Linux runs behind them. */
#ifndef VMM_PROGRAM_H
#define VMM_PROGRAM_H

#include "vmm/machine.h"

/**
 * program_offer() - Linux writes to a port; for console_wires
 * @ctx: machine
 * @port: enum run_port
 * @bytes: what
 * @count: how many
 *
 * Return: how many were taken.
 */
size_t program_offer(void *ctx, unsigned int port, const uint8_t *bytes,
		     size_t count);

/**
 * program_serve() - what is to be done now
 * @m: on its I/O thread, lock held
 */
void program_serve(struct machine *m);

/**
 * program_lost() - nobody reads an output any more; for struct streams
 * @ctx: machine
 */
void program_lost(void *ctx);

#endif
