/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of a virtio console, and the program that Linux runs behind them. */
#ifndef VMM_PORTS_H
#define VMM_PORTS_H

#include "vmm/machine.h"

/**
 * ports_offer() - Linux writes to a port; for console_wires
 * @ctx: machine
 * @port: enum run_port
 * @bytes: what
 * @count: how many
 *
 * Return: how many were taken.
 */
size_t ports_offer(void *ctx, unsigned int port, const uint8_t *bytes,
		   size_t count);

/**
 * ports_serve() - what is to be done now
 * @m: on its I/O thread, lock held
 */
void ports_serve(struct machine *m);

/**
 * ports_lost() - nobody reads an output any more; for struct streams
 * @ctx: machine
 */
void ports_lost(void *ctx);

#endif
