/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partner: the process of Linux that does the system calls of a program
 * which runs on another kernel (contract section 12).
 */
#ifndef HRT_PARTNER_PARTNER_H
#define HRT_PARTNER_PARTNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "contract/lib/channel.h"

struct partner;

/**
 * struct worker - a channel and the thread that serves it
 * @partner: whose it is
 * @tid: of the thread
 * @is_busy: the channel has a thread
 * @serving: SERVING_* and the number of the request that Linux does now
 * @interrupted: SERVING_CALL and the number of the one that shall not block
 * @rung: futex: changes when it is woken
 * @is_asleep: it waits for @rung, or is about to
 */
struct worker {
	struct partner *partner;
	pid_t tid;
	uint32_t is_busy;
	uint64_t serving;
	uint64_t interrupted;
	uint32_t rung;
	uint32_t is_asleep;
};

/* worker.serving: this one is with Linux; a signal is on its way; it is sent. */
#define SERVING_CALL     (1ull << 32)
#define SERVING_SIGNAL   (1ull << 33)
#define SERVING_SIGNALED (1ull << 34)

/**
 * struct partner - the process
 * @area: of the window, mapped; contract 12.1
 * @size: bytes of the window from there on
 * @begin: where a program may lie: all of it is reserved, whatever is mapped
 * @end: behind that
 * @bell: uio device of the bell; both are closed when the program begins
 * @config: of the bell, as sysfs has it
 * @ring: rings the kernel; from a signal handler, too
 * @run: number of the program
 * @kernel_boot: of the kernel that has taken it
 * @worker: by channel
 *
 * The kernel has the program do what it likes, with the rights of this process.
 * So nothing here guards the partner against what it forwards; but no request
 * makes it fail by itself or reach beyond the window.
 */
struct partner {
	uint8_t *area;
	size_t size;
	uintptr_t begin;
	uintptr_t end;
	int bell;
	int config;
	void (*ring)(void);
	uint32_t run;
	uint32_t kernel_boot;
	struct worker worker[DIVE_CHANNELS_MAX];
};

/**
 * partner_delegate() - the first page of the area
 * @p: has an area
 *
 * Return: shared with the kernel.
 */
static inline struct dive_delegate *partner_delegate(const struct partner *p)
{
	return (struct dive_delegate *)(void *)p->area;
}

/**
 * partner_channel() - a channel
 * @p: has an area
 * @number: below DIVE_CHANNELS_MAX
 *
 * Return: shared with the kernel.
 */
static inline struct dive_channel *partner_channel(const struct partner *p,
						   size_t number)
{
	return (struct dive_channel *)(void *)(p->area +
					       DIVE_DELEGATE_CHANNELS) +
	       number;
}

/**
 * partner_serve() - serve the kernel until the program ends
 * @p: everything but run, kernel_boot and worker is set; the job is written,
 *	but not announced
 *
 * The thread that calls it is the program's first one. The process ends in
 * here, as the program did.
 *
 * Return: -errno; the kernel knows.
 */
int partner_serve(struct partner *p);

/**
 * partner_request() - do what the kernel asks for, but DIVE_CALL_LEAVE
 * @w: of the thread that calls; its partner serves
 * @call: type, nr and arg of any value
 * @number: of the request
 *
 * Does not return from DIVE_CALL_EXIT on the control channel.
 *
 * Return: result of the request.
 */
int64_t partner_request(struct worker *w, const struct channel_call *call,
			uint32_t number);

/**
 * partner_map() - serve DIVE_CALL_MAP
 * @p: serves
 * @address: multiple of DIVE_PIECE, in the program's range
 * @offset: in the window, the same
 * @bytes: the same, not 0
 *
 * Return: 0, or -errno; then nothing is mapped there.
 */
int partner_map(const struct partner *p, uint64_t address, uint64_t offset,
		uint64_t bytes);

/**
 * partner_end() - end this process as the program has ended
 * @p: serves
 * @status: if it was not by a signal
 * @signal: or 0
 */
void partner_end(struct partner *p, uint64_t status, uint64_t signal)
	__attribute__((noreturn));

/**
 * partner_leave() - say that no request will be answered any more
 * @p: has an area
 * @state: DIVE_PARTNER_NONE, as the program wanted, or DIVE_PARTNER_GONE
 */
void partner_leave(const struct partner *p, uint32_t state);

/**
 * partner_count() - say how many page faults Linux has served
 * @p: serves; on the thread of the control channel
 */
void partner_count(const struct partner *p);

#endif
