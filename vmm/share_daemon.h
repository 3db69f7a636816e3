/* SPDX-License-Identifier: Apache-2.0 */
/* Starts virtiofsd for one shared directory. */
#ifndef VMM_SHARE_DAEMON_H
#define VMM_SHARE_DAEMON_H

#include "base/run.h"
#include "vmm/daemon.h"

/**
 * share_daemon_start() - start virtiofsd
 * @d: overwritten
 * @share: what to share
 * @ret_socket: connection to it, the caller's
 * @e: why not, and what to install
 *
 * As root it changes to whatever user the guest's program has. Otherwise it
 * runs as root of a user namespace with one user: all the guest does is done
 * as the user of dive, and to be somebody else is refused.
 *
 * Return: 0 or -errno.
 */
int must_check share_daemon_start(struct daemon *d,
				  const struct run_share *share,
				  int *ret_socket, struct err *e);

#endif
