/* SPDX-License-Identifier: Apache-2.0 */
/* How a worker waits for the kernel, and is woken. */
#ifndef HRT_PARTNER_BELL_H
#define HRT_PARTNER_BELL_H

#include "base/err.h"
#include "hrt/partner/partner.h"

/**
 * bell_find() - open the device that the kernel rings
 * @p: gets bell and config
 * @err: set on failure
 *
 * Return: 0, or -errno.
 */
must_check int bell_find(struct partner *p, struct err *err);

/**
 * bell_start() - begin to listen
 * @p: bell and config are open; closed and -1 then: the thread that listens has
 *	descriptors of its own, so that the program has all numbers
 *
 * Return: 0, or -errno.
 */
must_check int bell_start(struct partner *p);

/**
 * bell_wait() - wait for a request
 * @w: of the thread that calls
 * @end: of its channel
 * @call: the request
 *
 * Return: true when there is one; false after a second at the least, on the
 * control channel only.
 */
bool bell_wait(struct worker *w, struct channel_end *end,
	       struct channel_call *call);

#endif
