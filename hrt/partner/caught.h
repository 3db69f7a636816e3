/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: those for the program, and the one that ends a call. */
#ifndef HRT_PARTNER_CAUGHT_H
#define HRT_PARTNER_CAUGHT_H

#include "hrt/partner/partner.h"

/**
 * caught_start() - from here signals are the program's
 * @p: serves; one in a process
 *
 * They are counted for the kernel (contract 12.7) and do nothing else; what was
 * ignored stays so. They are held back in this thread and in those that it
 * starts, so that none of them ends a call that the kernel does not want ended.
 */
void caught_start(struct partner *p);

/**
 * caught_here() - this thread takes the signals of the process
 */
void caught_here(void);

/**
 * caught_calls() - this thread takes those signals that a call brings itself
 */
void caught_calls(void);

/**
 * caught_interrupt() - serve DIVE_CALL_INTERRUPT
 * @w: has a thread
 * @number: of the request that shall end
 */
void caught_interrupt(struct worker *w, uint32_t number);

/**
 * caught_call() - do a system call that caught_interrupt() can end
 * @w: of the thread that calls
 * @number: of the request
 * @call: nr and arg
 *
 * Return: as the system call.
 */
int64_t caught_call(struct worker *w, uint32_t number,
		    const struct channel_call *call);

#endif
