/* SPDX-License-Identifier: Apache-2.0 */
/* A network interface of the host, frame by frame through a descriptor. */
#ifndef VMM_TAP_H
#define VMM_TAP_H

#include <stdint.h>

#include "base/err.h"
#include "base/run.h"

/**
 * struct tap - an open interface
 * @fd: does not block; -1 = none
 * @is_ours: @fd is closed by tap_close()
 * @mtu: bytes of a frame without its Ethernet header
 */
struct tap {
	int fd;
	bool is_ours;
	uint16_t mtu;
};

/**
 * tap_open() - attach to a tap interface, or take a descriptor
 * @tap: written, also on failure
 * @from: tap is the name of the interface, or fd is a descriptor on which one
 *	read() or write() is one frame
 * @e: names the interface, the reason and what to do
 *
 * Return: 0 or -errno.
 */
int must_check tap_open(struct tap *tap, const struct run_net *from,
			struct err *e);

/**
 * tap_close() - release it
 * @tap: open or not
 */
void tap_close(struct tap *tap);

#endif
