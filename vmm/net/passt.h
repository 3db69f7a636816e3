/* SPDX-License-Identifier: Apache-2.0 */
/* The network of an ordinary user: a cable to passt. */
#ifndef VMM_NET_PASST_H
#define VMM_NET_PASST_H

#include "vmm/daemon.h"
#include "vmm/net/spec.h"

/**
 * passt_start() - start passt, a cable in its hand
 * @d: overwritten
 * @spec: of NET_USER
 * @ret: the cable; ether_close() makes passt end
 * @e: why not
 *
 * The guest gets 10.0.2.15 by DHCP, or takes it; 10.0.2.2 is the host, and its
 * loopback. passt sandboxes itself: it leaves root, has no files and few system calls.
 * It is not ready yet: see passt_wait(). See daemon_start() for when.
 *
 * Return: 0 or -errno.
 */
int must_check passt_start(struct daemon *d, const struct net_spec *spec,
			   struct ether **ret, struct err *e);

/**
 * passt_wait() - until it serves the cable and listens at its ports
 * @d: as started; reaped on failure
 * @cable: its cable; nothing was sent yet
 * @mac: address of the guest
 * @e: what it says
 *
 * Return: 0 or -errno (passt has gone).
 */
int must_check passt_wait(struct daemon *d, struct ether *cable,
			  const uint8_t mac[ETHER_ADDR_SIZE], struct err *e);

#endif
