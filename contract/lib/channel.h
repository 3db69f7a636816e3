/* SPDX-License-Identifier: ISC */
/* The two ends of a channel; the same code runs in the kernel and in Linux. */
#ifndef CONTRACT_LIB_CHANNEL_H
#define CONTRACT_LIB_CHANNEL_H

#include <stdbool.h>

#include "../dive/delegate.h"

/**
 * struct channel_call - one request, or its answer
 * @type: DIVE_CALL_*
 * @nr: number of the system call
 * @arg: by type
 * @result: of the answer
 * @service: of the answer: TSC cycles
 */
struct channel_call {
	uint32_t type;
	uint32_t nr;
	uint64_t arg[6];
	int64_t result;
	uint64_t service;
};

/**
 * struct channel_end - private state of one side of a channel
 * @channel: shared; nothing of the own line is ever read back from it
 * @number: of the last request posted, or taken
 */
struct channel_end {
	struct dive_channel *channel;
	uint32_t number;
};

/**
 * channel_attach() - take one end; no request is out then
 * @end: written
 * @channel: shared memory, borrowed for as long as @end is used
 * @is_kernel: which end; the kernel's begins at what the partner has answered,
 *	the partner's at what the kernel has asked
 */
void channel_attach(struct channel_end *end, struct dive_channel *channel,
		    bool is_kernel);

/**
 * channel_post() - kernel: ask
 * @end: no request is out
 * @call: type, nr and arg; copied
 *
 * Return: true when the partner sleeps and must be rung.
 */
bool channel_post(struct channel_end *end, const struct channel_call *call);

/**
 * channel_poll() - kernel: is the answer there
 * @end: a request is out
 * @call: result and service are written when it is
 *
 * Return: true when it is; no request is out then.
 */
bool channel_poll(const struct channel_end *end, struct channel_call *call);

/**
 * channel_take() - partner: is there a request
 * @end: the last one is answered
 * @call: type, nr and arg are copied, once, when there is
 *
 * Return: true when there is: answer it.
 */
bool channel_take(struct channel_end *end, struct channel_call *call);

/**
 * channel_reply() - partner: answer
 * @end: a request was taken
 * @call: result and service; copied
 *
 * Return: true when the kernel sleeps and must be rung.
 */
bool channel_reply(struct channel_end *end, const struct channel_call *call);

/**
 * channel_kernel_sleeps() - kernel: say whether to ring
 * @end: a request is out
 * @sleeps: true before the last look, which is behind this; false after it
 *
 * After true, look with channel_poll() once more before you sleep.
 */
void channel_kernel_sleeps(struct channel_end *end, bool sleeps);

/**
 * channel_partner_sleeps() - partner: the same, with channel_take()
 * @end: the last request is answered
 * @sleeps: as above
 */
void channel_partner_sleeps(struct channel_end *end, bool sleeps);

#endif
